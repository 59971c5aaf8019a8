import type { CheckResult } from '../../domain/monitor/check-outcome.ts';
import type { CheckErrorKind } from '../../domain/monitor/monitor.ts';
import { describeRefusal, describeServerFailure } from '../../domain/monitor/server-failure.ts';
import type { OutputFit, ToolResult } from '../../domain/run/run.ts';
import { describeTargetFailure } from '../describe-failure.ts';
import { isTargetError, type Target, type TargetError, type TargetErrorKind } from '../ports.ts';

/** One call of a tool, without an agent. */
export type ToolCheck = {
  tool: string;
  arguments: { [name: string]: unknown };
  timeoutMs: number;
  signal: AbortSignal;
  /** How the result fits its tool's output schema; null where it isn't checked. */
  checkOutput: (result: ToolResult) => OutputFit | null;
};

/**
 * Calls a tool. Whatever the server does becomes a result; `error` is what is behind it.
 * @throws the signal's reason when it aborts
 */
export async function checkTool(
  target: Pick<Target, 'callTool'>,
  { tool, arguments: args, timeoutMs, signal, checkOutput }: ToolCheck,
): Promise<{ result: CheckResult; error: TargetError | null }> {
  const startedAt = performance.now();
  const latencyMs = (): number => Math.round(performance.now() - startedAt);
  try {
    const result = await target.callTool(tool, args, { signal, timeoutMs });
    const answer = { kind: 'answer' as const, latencyMs: latencyMs() };
    const outputFit = checkOutput(result);
    return { result: { ...answer, result: outputFit ? { ...result, outputFit } : result }, error: null };
  } catch (error) {
    if (!isTargetError(error)) throw error;
    return { result: toErrorResult(error, latencyMs()), error };
  }
}

/** @param latencyMs null when nothing was sent for this check */
export const toErrorResult = (error: TargetError, latencyMs: number | null): CheckResult & { kind: 'error' } => ({
  kind: 'error',
  errorKind: toErrorKind(error),
  message: describeTargetFailure(error),
  serverFailure: describeServerFailure({ kind: error.kind, status: error.details.status }),
  refusal: describeRefusal({ kind: error.kind, status: error.details.status }),
  latencyMs,
});

function toErrorKind({ kind, details }: TargetError): CheckErrorKind {
  if (details.inputRequired) return 'input_required';
  // A session that a 404 ended: the server is there.
  return kind === 'session_lost' && details.status !== undefined ? 'http_status' : errorKinds[kind];
}

const errorKinds: { [kind in TargetErrorKind]: CheckErrorKind } = {
  invalid_url: 'misconfigured',
  blocked: 'unreachable',
  dns: 'unreachable',
  refused: 'unreachable',
  tls: 'unreachable',
  timeout: 'timeout',
  unreachable: 'unreachable',
  http_status: 'http_status',
  auth: 'auth',
  oauth_required: 'auth',
  not_mcp: 'protocol',
  protocol_error: 'protocol',
  too_large: 'too_large',
  malformed_result: 'malformed',
  rpc_error: 'rpc_error',
  session_lost: 'unreachable',
};
