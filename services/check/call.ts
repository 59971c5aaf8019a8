import { isArmatureError } from '../../domain/error/error.ts';
import type { CheckResult } from '../../domain/monitor/check-outcome.ts';
import type { CheckErrorKind } from '../../domain/monitor/monitor.ts';
import {
  type ConnectOptions,
  isTargetError,
  type Target,
  type TargetError,
  type TargetErrorKind,
} from '../../infra/mcp-target/index.ts';
import { SecretsKeyError } from '../../infra/secrets/index.ts';
import type { Deps } from '../context/context.ts';
import type { ServerEndpoint } from '../server/endpoint.ts';

/** Largest result that a check reads: a thousand others share its memory. */
const maxResultBytes = 1024 * 1024;
const connectMs = 15_000;

/** Connects to a server to call its tools, without listing them. @throws TargetError, or the signal's reason */
export const connectForCalls = (
  { targets }: Pick<Deps, 'targets'>,
  { endpoint }: Pick<ServerEndpoint, 'endpoint'>,
  options: Pick<ConnectOptions, 'signal' | 'tools' | 'timeoutMs'>,
): Promise<Target> => targets.connect(endpoint, { timeoutMs: connectMs, maxResultBytes, tools: [], ...options });

type Call = { tool: string; arguments: { [name: string]: unknown }; timeoutMs: number; signal: AbortSignal };

/** Calls a tool once. Whatever the server does becomes a result. @throws the signal's reason when it is aborted */
export async function callTool(target: Pick<Target, 'callTool'>, call: Call): Promise<CheckResult> {
  return (await callOnce(target, call)).result;
}

/** Like `callTool`, with the error behind the result. */
export async function callOnce(
  target: Pick<Target, 'callTool'>,
  call: Call,
): Promise<{ result: CheckResult; error: TargetError | null }> {
  const { tool, arguments: args, timeoutMs, signal } = call;
  const startedAt = performance.now();
  const latencyMs = (): number => Math.round(performance.now() - startedAt);
  try {
    const result = await target.callTool(tool, args, { signal, timeoutMs });
    return { result: { kind: 'answer', result, latencyMs: latencyMs() }, error: null };
  } catch (error) {
    if (!isTargetError(error)) throw error;
    return { result: toErrorResult(error, latencyMs()), error };
  }
}

const connectionKinds: ReadonlySet<TargetErrorKind> = new Set(['dns', 'refused', 'tls', 'unreachable', 'session_lost']);
/** What a proxy answers for a server that is down. */
const gatewayStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

/** Whether the connection or the server's process broke, which another call may have caused. */
export const isConnectionError = ({ kind, details }: TargetError): boolean =>
  connectionKinds.has(kind) || (kind === 'http_status' && gatewayStatuses.has(details.status ?? 0));

/** @param latencyMs null when nothing was sent for this check */
export const toErrorResult = (error: TargetError, latencyMs: number | null): CheckResult & { kind: 'error' } => ({
  kind: 'error',
  errorKind: error.details.inputRequired ? 'input_required' : errorKinds[error.kind],
  message: error.message,
  latencyMs,
});

/** Why a server can't be called as it is configured; null for other errors. */
export function describeConfigurationError(error: unknown): string | null {
  if (isArmatureError(error)) return `${error.message} ${error.remediation}`;
  return error instanceof SecretsKeyError ? error.message : null;
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
