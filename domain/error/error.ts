/** Everything a caller can act on. Adapters map codes and never invent them (docs/mcp-api.md, "Errors"). */
export const errorCodes = [
  'unauthenticated',
  'validation_failed',
  'permission_denied',
  'workflow_not_found',
  'run_not_found',
  'mcp_server_not_found',
  'auth_profile_not_found',
  'proposal_not_found',
  'version_not_found',
  'resource_not_found',
  'organization_not_found',
  'proposal_expired',
  'proposal_rejected',
  'base_version_stale',
  'run_wait_timeout',
  'runs_not_comparable',
  'run_not_terminal',
  'sync_cooldown_active',
  'sync_failed',
  'idempotency_conflict',
  'workflow_archived',
  'mcp_server_archived',
  'model_unavailable',
  'target_blocked',
  'monitor_not_found',
  'alert_rule_not_found',
  'destination_not_found',
  'incident_not_found',
  'delivery_not_found',
  'monitor_archived',
  'member_not_found',
  'invitation_invalid',
  'slug_taken',
  'conflict',
  'rate_limited',
  'internal_error',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export type FieldError = { field: string; message: string };
/** `['criteria', 0, 'text']` → `criteria[0].text`. */
export function fieldPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index ? '.' : ''}${String(part)}`))
    .join('');
}

export type Warning = { code: string; message: string; field?: string };

/** `fieldErrors` paths read like `criteria[0].text`; other keys belong to one code, such as `currentVersionId`. */
export type ErrorDetails = {
  fieldErrors?: FieldError[];
  warnings?: Warning[];
  [key: string]: unknown;
};

const brand = Symbol.for('armature.error');

export class ArmatureError extends Error {
  override readonly name = 'ArmatureError';
  readonly [brand] = true;
  readonly code: ErrorCode;
  /** What the caller can do about it, one sentence. */
  readonly remediation: string;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, remediation: string, details: ErrorDetails = {}) {
    super(message);
    this.code = code;
    this.remediation = remediation;
    this.details = details;
  }
}

/** True across copies of this module: the dashboard's bundle has its own. */
export function isArmatureError(error: unknown): error is ArmatureError {
  return typeof error === 'object' && error !== null && brand in error;
}

/** HTTP status of a code. */
export function httpStatus(code: ErrorCode): number {
  switch (code) {
    case 'unauthenticated':
      return 401;
    case 'permission_denied':
      return 403;
    case 'workflow_not_found':
    case 'run_not_found':
    case 'mcp_server_not_found':
    case 'auth_profile_not_found':
    case 'proposal_not_found':
    case 'version_not_found':
    case 'resource_not_found':
    case 'organization_not_found':
    case 'monitor_not_found':
    case 'alert_rule_not_found':
    case 'destination_not_found':
    case 'incident_not_found':
    case 'delivery_not_found':
    case 'member_not_found':
    case 'invitation_invalid':
      return 404;
    case 'base_version_stale':
    case 'conflict':
    case 'slug_taken':
    case 'idempotency_conflict':
    case 'sync_cooldown_active':
    case 'workflow_archived':
    case 'mcp_server_archived':
    case 'monitor_archived':
    case 'proposal_expired':
    case 'proposal_rejected':
    case 'runs_not_comparable':
    case 'run_not_terminal':
    case 'run_wait_timeout':
      return 409;
    case 'validation_failed':
    case 'model_unavailable':
    case 'target_blocked':
      return 422;
    case 'rate_limited':
      return 429;
    case 'sync_failed':
      return 502;
    case 'internal_error':
      return 500;
  }
}
