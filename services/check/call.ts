import type { CheckResult } from '../../domain/monitor/check-outcome.ts';
import type { CheckErrorKind } from '../../domain/monitor/monitor.ts';
import {
  type ConnectOptions,
  isTargetError,
  type Target,
  type TargetError,
  type TargetErrorKind,
} from '../../infra/mcp-target/index.ts';
import type { Deps } from '../context/context.ts';
import type { ServerEndpoint } from '../server/endpoint.ts';

/** Largest answer that a check reads. A monitor's tool is to be small: the check of a thousand others has the same memory. */
const maxResultBytes = 1024 * 1024;
const connectMs = 15_000;

/** Opens a server to call tools of it, without listing them. @throws TargetError, or the signal's reason */
export const connectForCalls = (
  { targets }: Pick<Deps, 'targets'>,
  { endpoint }: Pick<ServerEndpoint, 'endpoint'>,
  options: Pick<ConnectOptions, 'signal' | 'tools' | 'timeoutMs'>,
): Promise<Target> => targets.connect(endpoint, { timeoutMs: connectMs, maxResultBytes, tools: [], ...options });

type Call = { tool: string; arguments: { [name: string]: unknown }; timeoutMs: number; signal: AbortSignal };

/**
 * One call of a tool, as a check makes it. Whatever the server does becomes a result.
 * @throws the signal's reason when it is aborted
 */
export async function callTool(target: Pick<Target, 'callTool'>, call: Call): Promise<CheckResult> {
  return (await callOnce(target, call)).result;
}

/** The same with the error that the result was made of. */
export async function callOnce(
  target: Pick<Target, 'callTool'>,
  call: Call,
): Promise<{ result: CheckResult; error: TargetError | null }> {
  const { tool, arguments: args, timeoutMs, signal } = call;
  const since = performance.now();
  const latencyMs = (): number => Math.round(performance.now() - since);
  try {
    const result = await target.callTool(tool, args, { signal, timeoutMs });
    return { result: { kind: 'answer', result, latencyMs: latencyMs() }, error: null };
  } catch (error) {
    if (!isTargetError(error)) throw error;
    return { result: failed(error, latencyMs()), error };
  }
}

const connectionKinds: ReadonlySet<TargetErrorKind> = new Set(['dns', 'refused', 'tls', 'unreachable', 'session_lost']);
/** What a proxy says for a server that has gone. */
const gatewayStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

/** Whether the connection or the server's process went, which another call may have caused. */
export const brokeConnection = ({ kind, details }: TargetError): boolean =>
  connectionKinds.has(kind) || (kind === 'http_status' && gatewayStatuses.has(details.status ?? 0));

/** @param latencyMs null when nothing was sent for this check */
export const failed = (error: TargetError, latencyMs: number | null): CheckResult & { kind: 'error' } => ({
  kind: 'error',
  errorKind: error.details.inputRequired ? 'input_required' : errorKinds[error.kind],
  message: error.message,
  latencyMs,
});

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
