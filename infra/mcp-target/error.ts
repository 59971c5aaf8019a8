import {
  isTargetError,
  type TargetErrorDetails,
  type TargetErrorKind,
  type TargetError as TargetErrorPort,
  targetErrorBrand,
} from '../../agent/ports.ts';
import { isOutboundError, isRetryable, type OutboundError, outboundRemediations } from '../outbound/error.ts';

const { not_http: _, ...network } = outboundRemediations;
const remediations: { [kind in TargetErrorKind]: string } = {
  ...network,
  auth: 'Check the credentials of this auth profile: they may be wrong, expired, or lack a permission.',
  oauth_required:
    'Add an auth profile that signs in by OAuth to the server. If it also takes an API key, that works too.',
  not_mcp:
    'Check the URL: it must be the MCP endpoint itself (often ending in /mcp or /sse), with the right transport.',
  protocol_error: "Look at the server's logs: its answer does not follow the MCP specification.",
  malformed_result: "Fix the server's answer so that it follows the MCP specification.",
  rpc_error: "Read the server's message; the tool's name or its arguments may have changed.",
  session_lost: 'Connect again: the server has restarted or has ended the session.',
};

/** Failure of a server under test. `message` is one sentence for people, without credentials. */
export class TargetError extends Error implements TargetErrorPort {
  override readonly name = 'TargetError';
  readonly [targetErrorBrand] = true;
  readonly kind: TargetErrorKind;
  readonly remediation: string;
  readonly details: TargetErrorDetails;
  readonly retryable: boolean;

  constructor(
    kind: TargetErrorKind,
    message: string,
    options: { remediation?: string; details?: TargetErrorDetails } = {},
  ) {
    super(message);
    this.kind = kind;
    this.remediation = options.remediation ?? remediations[kind];
    this.details = options.details ?? {};
    this.retryable = kind === 'session_lost' || isRetryable(kind, this.details.status);
  }
}

export function fromOutbound({ kind, message, remediation, details }: OutboundError): TargetError {
  return kind === 'not_http'
    ? new TargetError('not_mcp', message, { details })
    : new TargetError(kind, message, { remediation, details });
}

/** The error as a TargetError if it is one or comes from `infra/outbound`; otherwise null. */
export function asTargetError(error: unknown): TargetError | null {
  if (isTargetError(error)) return error;
  return isOutboundError(error) ? fromOutbound(error) : null;
}

/** What a program can use of a failure, as JSON. */
export type TargetFailure = Pick<TargetError, 'kind' | 'message' | 'remediation' | 'details'>;

export function describeFailure({ kind, message, remediation, details }: TargetError): TargetFailure {
  return { kind, message, remediation, details };
}
