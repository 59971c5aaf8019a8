import { ArmatureError } from '../../../domain/error/error.ts';
import type { CheckErrorKind, CheckOutcome } from '../../../domain/monitor/monitor.ts';
import { findHeaderTools } from '../../../infra/db/queries/monitor.ts';
import { isTargetError, type Target } from '../../../infra/mcp-target/index.ts';
import { createRedactor } from '../../../infra/redaction/index.ts';
import { callTool, connectForCalls, toErrorResult } from '../../check/call.ts';
import { toCheckRow } from '../../check/result.ts';
import type { Deps } from '../../context/context.ts';
import { validationError } from '../../context/errors.ts';
import { useCase } from '../../context/use-case.ts';
import { loadEndpoint, type ServerEndpoint } from '../../server/endpoint.ts';
import { testCallInput } from '../schema.ts';
import { checkArguments } from './arguments.ts';
import { assertionErrors } from './assertions.ts';
import { findKnownTools, toolProblem } from './catalog-tool.ts';

/** What a check would record. Text of the server is redacted and untrusted. */
export type TestCallResult = {
  outcome: CheckOutcome;
  errorKind: CheckErrorKind | null;
  latencyMs: number | null;
  excerpt: string | null;
  resultBytes: number | null;
  degradedBy: string[];
};

/** How long a test call waits for other calls of the same server. */
const maxWaitMs = 15_000;

/**
 * Calls a tool once as a monitor would, storing nothing but the audit row. Whatever the server does is a result.
 * @throws ArmatureError `validation_failed` (fields such as `arguments.query`), `rate_limited` while the server is busy
 * with other calls, `mcp_server_not_found`, `mcp_server_archived`, `auth_profile_not_found`
 */
export const testCall = useCase({
  name: 'monitor.test_call',
  access: 'editor',
  input: testCallInput,
  async run({ ctx, orgId, db, secrets, write }, input): Promise<TestCallResult> {
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

    const tools = await findHeaderTools(deps.db, { orgId, serverId, tools: [tool] });
    const result = await callServer(deps, server, { ...input, tools });
    const monitor = { ...input, id: '', name: tool, authProfileId: server.authProfileId, storeResults: true };
    const { outcome, errorKind, latencyMs, excerpt, resultBytes, degradedBy } = toCheckRow(monitor, result, {
      startedAt: null,
      attempts: 1,
      maintenance: false,
      redactor: createRedactor(await secrets.values(orgId)),
    });
    return { outcome, errorKind, latencyMs, excerpt, resultBytes, degradedBy };
  },
});

type Call = {
  tool: string;
  arguments: { [name: string]: unknown };
  timeoutSeconds: number;
  tools: Awaited<ReturnType<typeof findHeaderTools>>;
};

async function callServer(deps: Deps, server: ServerEndpoint, { tool, tools, timeoutSeconds, arguments: args }: Call) {
  let target: Target;
  try {
    target = await connectForCalls(deps, server, { signal: new AbortController().signal, tools });
  } catch (error) {
    if (!isTargetError(error)) throw error;
    return toErrorResult(error, null);
  }
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(busy()), maxWaitMs);
  try {
    return await deps.gate.run(
      server.serverKey,
      server.maxConcurrency,
      () => {
        clearTimeout(timer);
        return callTool(target, {
          tool,
          arguments: args,
          timeoutMs: timeoutSeconds * 1000,
          signal: waiting.signal,
        });
      },
      waiting.signal,
    );
  } finally {
    clearTimeout(timer);
    await target.close();
  }
}

const busy = (): ArmatureError =>
  new ArmatureError(
    'rate_limited',
    'The server is busy with other calls of this workspace.',
    'Try again in a moment, or allow more concurrent calls on the page of the server.',
    { retryAfterSeconds: maxWaitMs / 1000 },
  );
