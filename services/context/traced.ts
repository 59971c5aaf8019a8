import { isTargetError, type Model, type Target } from '../../agent/ports.ts';
import type { ToolResult } from '../../domain/run/run.ts';
import type { McpTargets } from '../../infra/mcp-target/index.ts';
import type { Models } from '../../infra/models/index.ts';
import type { OpenSpan, SpanAttributes, Telemetry } from '../../infra/telemetry/index.ts';

/**
 * The same targets, with a span for each connection and call, by OpenTelemetry's conventions for MCP. The servers get
 * no trace context: they belong to others.
 */
export function traceTargets(telemetry: Telemetry, targets: McpTargets): McpTargets {
  return {
    connect: (endpoint, options) => {
      const server = toServerAttributes(endpoint.url);
      return telemetry.span('connect', { kind: 'client', attributes: server }, async (span) => {
        const target = await recordRpcCode(span, () => targets.connect(endpoint, options));
        span.set({ 'mcp.protocol.version': target.protocolVersion });
        return traceTarget(telemetry, target, server);
      });
    },
    probe: (endpoint, options) =>
      telemetry.span('probe', { kind: 'client', attributes: toServerAttributes(endpoint.url) }, async (span) => {
        const result = await targets.probe(endpoint, options);
        if (result.ok) span.set({ 'mcp.protocol.version': result.protocolVersion });
        else span.fail(result.failure.kind);
        return result;
      }),
    survey: (endpoint, options) =>
      telemetry.span('survey', { kind: 'client', attributes: toServerAttributes(endpoint.url) }, () =>
        targets.survey(endpoint, options),
      ),
  };
}

function traceTarget(telemetry: Telemetry, target: Target, server: SpanAttributes): Target {
  const call = (name: string, attributes: SpanAttributes, work: () => Promise<ToolResult>): Promise<ToolResult> =>
    telemetry.span(
      name,
      { kind: 'client', attributes: { 'mcp.protocol.version': target.protocolVersion, ...server, ...attributes } },
      async (span) => {
        const result = await recordRpcCode(span, work);
        if (result.isError) span.fail('tool_error');
        return result;
      },
    );
  return {
    ...target,
    callTool: (name, args, options) =>
      call(
        `tools/call ${name}`,
        { 'mcp.method.name': 'tools/call', 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name },
        () => target.callTool(name, args, options),
      ),
    listResources: (options) =>
      call('resources/list', { 'mcp.method.name': 'resources/list' }, () => target.listResources(options)),
    readResource: (uri, options) =>
      call('resources/read', { 'mcp.method.name': 'resources/read' }, () => target.readResource(uri, options)),
  };
}

async function recordRpcCode<T>(span: OpenSpan, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = isTargetError(error) ? error.details.rpcCode : undefined;
    if (code !== undefined) span.set({ 'rpc.response.status_code': String(code) });
    throw error;
  }
}

/** Neither path nor query, which may contain secrets. */
function toServerAttributes(url: string): SpanAttributes {
  const parsed = URL.parse(url);
  if (!parsed) return {};
  const port = parsed.port || (parsed.protocol === 'https:' ? '443' : '80');
  return { 'server.address': parsed.hostname, 'server.port': Number(port) };
}

/** The same models, with a span for each request, by OpenTelemetry's conventions for generative AI. */
export function traceModels(telemetry: Telemetry, models: Models): Models {
  return {
    ...models,
    resolve: (id) => traceModel(telemetry, models.resolve(id)),
    with: (own, fetch) => traceModels(telemetry, models.with(own, fetch)),
  };
}

function traceModel(telemetry: Telemetry, model: Model): Model {
  const [provider = '', ...rest] = model.id.split('/');
  const name = rest.join('/');
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': name,
  };
  return {
    ...model,
    complete: (request) =>
      telemetry.span(`chat ${name}`, { kind: 'client', attributes }, async (span) => {
        const response = await model.complete(request);
        span.set({
          'gen_ai.usage.input_tokens': response.usage.input,
          'gen_ai.usage.output_tokens': response.usage.output,
        });
        return response;
      }),
  };
}
