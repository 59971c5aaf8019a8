import { checkTool } from '../../agent/execution/check-tool.ts';
import { isArmatureError } from '../../domain/error/error.ts';
import type { CheckResult } from '../../domain/monitor/check-outcome.ts';
import { describeServerFailure } from '../../domain/monitor/server-failure.ts';
import type { ConnectOptions, TargetError, TargetErrorKind } from '../../infra/mcp-target/index.ts';
import type { Deps } from '../context/context.ts';
import type { ServerEndpoint } from '../server/endpoint.ts';
import { type Connection, createConnection, untilAborted } from './connection.ts';

const connectMs = 15_000;

/** A connection to a server to call its tools, without listing them. */
export const connectForCalls = (
  { targets }: Pick<Deps, 'targets'>,
  { endpoint }: Pick<ServerEndpoint, 'endpoint'>,
  options: Pick<ConnectOptions, 'signal' | 'tools' | 'timeoutMs'>,
): Connection =>
  createConnection(() => targets.connect(endpoint, { timeoutMs: connectMs, tools: [], ...options }), options.signal);

type Call = {
  tool: string;
  arguments: { [name: string]: unknown };
  timeoutMs: number;
  signal: AbortSignal;
  /** What the result is checked against; null where it isn't. */
  outputSchema: string | null;
};
type CallDeps = Pick<Deps, 'outputSchemas'>;
/** The result of a call, the error behind it, and how often the call was sent. */
type Called = { result: CheckResult; error: TargetError | null; attempts: number };

/**
 * Calls a tool, once more in a new session if the server no longer knows this one: then it has done nothing yet.
 * Whatever the server does becomes a result. A connection that the call found broken is discarded.
 * @throws TargetError when the server can't be connected to, or the signal's reason when it is aborted
 */
export async function callTool(deps: CallDeps, connection: Connection, call: Call): Promise<Called> {
  const first = await callOver(deps, connection, call);
  if (first.error?.kind !== 'session_lost' || first.error.details.hadNoEffect !== true) return first;
  return { ...(await callOver(deps, connection, call)), attempts: 2 };
}

async function callOver({ outputSchemas }: CallDeps, connection: Connection, call: Call): Promise<Called> {
  const target = await untilAborted(connection.target(), call.signal);
  const { outputSchema } = call;
  const called = await checkTool(target, {
    ...call,
    checkOutput: (result) => (outputSchema === null ? null : outputSchemas.check(outputSchema, result)),
  });
  if (called.error && isConnectionError(called.error)) connection.discard(target);
  return { ...called, attempts: 1 };
}

const connectionKinds: ReadonlySet<TargetErrorKind> = new Set(['dns', 'refused', 'tls', 'unreachable', 'session_lost']);

/** Whether the connection or the server's process broke, which another call may have caused. */
export const isConnectionError = ({ kind, details }: TargetError): boolean =>
  connectionKinds.has(kind) ||
  (kind === 'http_status' && describeServerFailure({ kind, status: details.status }) !== null);

/** Why a server can't be called as it is configured; null for other errors. */
export function describeConfigurationError(error: unknown): string | null {
  return isArmatureError(error) ? `${error.message} ${error.remediation}` : null;
}
