import { z } from 'zod';
import { toErrorResult } from '../../../agent/execution/check-tool.ts';
import { ArmatureError } from '../../../domain/error/error.ts';
import type { CheckResult } from '../../../domain/monitor/check-outcome.ts';
import type { CheckErrorKind, CheckOutcome } from '../../../domain/monitor/monitor.ts';
import { isTargetError, type Tool } from '../../../infra/mcp-target/index.ts';
import { callTool, connectForCalls } from '../../check/call.ts';
import { loadCalledTools } from '../../check/called-tools.ts';
import { toCheckRow } from '../../check/result.ts';
import type { Deps } from '../../context/context.ts';
import { validationError } from '../../context/errors.ts';
import { useCase } from '../../context/use-case.ts';
import { loadEndpoint, type ServerEndpoint } from '../../server/endpoint.ts';
import { testCallInput } from '../schema.ts';
import { checkArguments } from './arguments.ts';
import { assertionErrors } from './assertions.ts';
import { findKnownTools, toolProblem } from './catalog-tool.ts';

/** What a check would record. Text of the server is untrusted. */
export type TestCallResult = {
  outcome: CheckOutcome;
  errorKind: CheckErrorKind | null;
  latencyMs: number | null;
  excerpt: string | null;
  resultBytes: number | null;
  degradedBy: string[];
};

/** What is kept of a tool's latest test call: whether it can be called often. */
export const storedTestCall = z.object({ at: z.iso.datetime(), latencyMs: z.number().nullable(), asked: z.boolean() });

/** How long a test call waits for other calls of the same server. */
const maxWaitMs = 15_000;

/**
 * Calls a tool once as a monitor would. Whatever the server does is a result. Nothing of it is stored but the audit
 * row, how long the call took, and whether the server asked for input.
 * @throws ArmatureError `validation_failed` (fields such as `arguments.query`), `rate_limited` while the server is busy
 * with other calls, `mcp_server_not_found`, `mcp_server_archived`, `auth_profile_not_found`
 */
export const testCall = useCase({
  name: 'monitor.test_call',
  access: 'editor',
  input: testCallInput,
  async run({ ctx, orgId, db, write, now }, input): Promise<TestCallResult> {
    const { deps } = ctx;
    const { serverId, authProfileId, tool } = input;
    const server = await loadEndpoint(deps, { orgId, serverId, ...(authProfileId !== undefined && { authProfileId }) });
    const known = (await findKnownTools(db, { orgId, serverId, names: [tool] })).get(tool);
    const problem = toolProblem(tool, known);
    const errors = [
      ...(problem === null ? [] : [{ field: 'tool', message: problem }]),
      ...(known
        ? checkArguments({ tool, schema: known.inputSchema }, input.arguments, { field: ['arguments'] }).errors
        : []),
      ...assertionErrors(input.assertions, tool, 'assertions'),
    ];
    if (errors.length > 0) throw validationError(errors);
    // Before the call, which may have effects. Without the arguments, which may contain what the log must not.
    await write(async () => undefined, { subject: serverId, data: { tool, authProfileId: server.authProfileId } });

    const called = await loadCalledTools(deps, { orgId, serverId, tools: [tool] });
    const result = await callServer(deps, server, {
      ...input,
      tools: called.tools,
      outputSchema: called.getOutputSchema(input),
    });
    const made: z.infer<typeof storedTestCall> = {
      at: now().toISOString(),
      latencyMs: result.latencyMs,
      asked: hasAskedForInput(result),
    };
    await db.catalogTool.updateMany({ where: { orgId, serverId, name: tool }, data: { testCall: made } });
    const monitor = { ...input, id: '', name: tool, authProfileId: server.authProfileId, storeResults: true };
    const { outcome, errorKind, latencyMs, excerpt, resultBytes, degradedBy } = toCheckRow(monitor, result, {
      startedAt: null,
      attempts: 1,
      maintenance: false,
    });
    return { outcome, errorKind, latencyMs, excerpt, resultBytes, degradedBy };
  },
});

type Call = {
  tool: string;
  arguments: { [name: string]: unknown };
  timeoutSeconds: number;
  tools: Tool[];
  outputSchema: string | null;
};

async function callServer(deps: Deps, server: ServerEndpoint, call: Call): Promise<CheckResult> {
  const { tool, tools, timeoutSeconds, arguments: args, outputSchema } = call;
  const connection = connectForCalls(deps, server, { signal: new AbortController().signal, tools });
  const waiting = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  try {
    await connection.target();
    timer = setTimeout(() => waiting.abort(busy()), maxWaitMs);
    const { result } = await deps.gate.run(
      server,
      () => {
        clearTimeout(timer);
        return callTool(deps, connection, {
          tool,
          arguments: args,
          timeoutMs: timeoutSeconds * 1000,
          signal: waiting.signal,
          outputSchema,
        });
      },
      waiting.signal,
    );
    return result;
  } catch (error) {
    if (!isTargetError(error)) throw error;
    return toErrorResult(error, null);
  } finally {
    clearTimeout(timer);
    await connection.close();
  }
}

/** Methods by which servers ask their clients for something, as messages and notes name them. */
const asks = /\b(elicitation\/create|sampling\/createMessage|roots\/list)\b/;

function hasAskedForInput(result: CheckResult): boolean {
  if (result.kind === 'error') return result.errorKind === 'input_required' || asks.test(result.message);
  return (result.result.notes ?? []).some((note) => asks.test(note));
}

const busy = (): ArmatureError =>
  new ArmatureError(
    'rate_limited',
    'The server is busy with other calls of this workspace.',
    'Try again in a moment, or allow more concurrent calls on the page of the server.',
    { retryAfterSeconds: maxWaitMs / 1000 },
  );
