import { isTargetError } from '../../agent/ports.ts';
import { toEntries } from '../../domain/json/json.ts';
import type { Evidence, ToolAnswer } from '../../domain/report/evidence.ts';
import { createOutputSchemas } from '../../infra/json-schema/index.ts';
import type { Endpoint, McpTargets, Target, Tool } from '../../infra/mcp-target/index.ts';

const maxCalls = 3;
const callMs = 10_000;

/**
 * Everything that a scan looks at: the tools, the survey, and up to three calls of tools that say that they only read.
 * @throws {TargetError} when the server can't be connected
 */
export async function gather(
  targets: McpTargets,
  { endpoint, url, callsTools, signal }: { endpoint: Endpoint; url: string; callsTools: boolean; signal: AbortSignal },
): Promise<{ evidence: Evidence; server: Target['server']; protocolVersion: string }> {
  const target = await targets.connect(endpoint, { signal });
  let answers: ToolAnswer[];
  try {
    answers = callsTools ? await callReadOnly(target, signal) : [];
  } finally {
    await target.close();
  }
  const { server, protocolVersion, tools, catalog } = target;
  const isStreamable = endpoint.transport === 'streamable_http';
  const evidence: Evidence = {
    url,
    transport: endpoint.transport,
    credentials: endpoint.auth.kind === 'bearer' || hasAuthorization(endpoint) ? 'bearer' : 'none',
    survey: isStreamable ? await targets.survey(endpoint, { signal, mayTryTokens: async () => true }) : null,
    withoutSurvey: 'HTTP with SSE, the older transport, is not looked at.',
    catalog: catalog ? { ...catalog, tools } : null,
    answers,
    misuse: [],
    others: [],
    workflows: [],
    changes: [],
  };
  return { evidence, server, protocolVersion };
}

const hasAuthorization = ({ headers }: Endpoint): boolean =>
  Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');

const requiredOf = ({ inputSchema }: Tool): unknown[] =>
  Array.isArray(inputSchema.required) ? inputSchema.required : [];

/** Calls tools without arguments: those that need none, and one that needs some and has to refuse. */
async function callReadOnly(target: Target, signal: AbortSignal): Promise<ToolAnswer[]> {
  const readOnly = target.tools.filter(({ annotations }) => annotations?.readOnlyHint === true);
  const plain = readOnly.filter((tool) => requiredOf(tool).length === 0).slice(0, maxCalls - 1);
  const demanding = readOnly.filter((tool) => requiredOf(tool).length > 0).slice(0, 1);
  const schemas = createOutputSchemas();
  const answers: ToolAnswer[] = [];
  for (const tool of [...plain, ...demanding]) {
    const wasInvalid = demanding.includes(tool);
    try {
      const result = await target.callTool(tool.name, {}, { signal, timeoutMs: callMs });
      const fit = toEntries(tool.outputSchema) ? schemas.check(JSON.stringify(tool.outputSchema), result) : null;
      answers.push({
        tool: tool.name,
        from: 'a call of this scan',
        content: result.content,
        ...(result.structuredContent !== undefined && { structuredContent: result.structuredContent }),
        isError: result.isError,
        schemaIssue: fit?.fits === false ? `The result does not fit: ${fit.issues.join('; ').slice(0, 300)}.` : null,
        ...(wasInvalid && { wasInvalid }),
      });
    } catch (error) {
      if (!isTargetError(error)) throw error;
      // A refusal by a JSON-RPC error is as good as one by a result.
      const isRefusal = error.details.rpcCode !== undefined;
      if (wasInvalid && isRefusal)
        answers.push({
          tool: tool.name,
          from: 'a call of this scan',
          content: [{ type: 'text', text: error.message }],
          isError: true,
          schemaIssue: null,
          wasInvalid,
        });
    }
  }
  return answers;
}
