import { describeServerFailure } from '../domain/monitor/server-failure.ts';
import type { RunErrorKind } from '../domain/run/run.ts';
import { isModelError, isTargetError, type ModelError, type TargetError } from './ports.ts';

/** The kind of error that a run ends with when its server keeps failing. */
export function targetErrorKind({
  kind,
  details,
}: TargetError): Extract<RunErrorKind, 'unreachable' | 'auth' | 'protocol' | 'misconfigured'> {
  switch (kind) {
    case 'invalid_url':
    case 'blocked':
      return 'misconfigured';
    case 'auth':
    case 'oauth_required':
      return 'auth';
    case 'not_mcp':
    case 'protocol_error':
    case 'malformed_result':
    case 'too_large':
    case 'rpc_error':
      return 'protocol';
    case 'dns':
    case 'refused':
    case 'tls':
    case 'timeout':
    case 'unreachable':
    case 'session_lost':
      return 'unreachable';
    case 'http_status':
      return describeServerFailure({ kind, status: details.status }) === null ? 'protocol' : 'unreachable';
  }
}

/** The request never took effect, so even a call that must not be made twice can be sent again. */
export const hadNoEffect = ({ kind, details }: TargetError): boolean =>
  details.hadNoEffect === true ||
  kind === 'dns' ||
  kind === 'refused' ||
  (kind === 'http_status' && details.status === 429);

/** No MCP server answered. A lost session doesn't count: the server is there. */
export const isUnreachable = (error: TargetError): boolean =>
  targetErrorKind(error) === 'unreachable' && error.kind !== 'session_lost' && error.kind !== 'timeout';

export const modelErrorKind = ({ kind }: ModelError): Extract<RunErrorKind, 'misconfigured' | 'model'> =>
  kind === 'misconfigured' ? 'misconfigured' : 'model';

/** What a retry depends on; null for errors of anything but the model and the target. */
export function readFailure(error: unknown): { retryable: boolean; retryAfterMs: number | undefined } | null {
  if (isModelError(error)) return { retryable: error.retryable, retryAfterMs: error.retryAfterMs };
  if (isTargetError(error)) return { retryable: error.retryable, retryAfterMs: error.details.retryAfterMs };
  return null;
}
