/** Everything a caller can act on: its HTTP status, and when it is. Adapters map codes and never invent them. */
export const errorKinds = {
  unauthenticated: { status: 401, when: 'no key, or one that is malformed, unknown, revoked or expired' },
  validation_failed: {
    status: 400,
    when: 'arguments, or the resulting definition, are invalid; `details.fieldErrors` names each field',
  },
  permission_denied: {
    status: 403,
    when: "the key's role is too low; `details.neededRole` is the required one. Also a foreign `Host` or `Origin`",
  },
  workflow_not_found: { status: 404, when: 'no such workflow in this workspace' },
  run_not_found: { status: 404, when: 'no such run in this workspace' },
  mcp_server_not_found: { status: 404, when: 'no such MCP server in this workspace' },
  auth_profile_not_found: { status: 404, when: "no such auth profile, or its credentials can't be read" },
  proposal_not_found: { status: 404, when: 'no such proposal in this workspace' },
  version_not_found: { status: 404, when: 'no such version of the workflow' },
  resource_not_found: { status: 404, when: 'no resource has this URI, or what a link leads to has gone' },
  organization_not_found: { status: 404, when: 'no such workspace, or the caller is not its member' },
  proposal_expired: { status: 409, when: 'the proposal is older than 24 hours' },
  proposal_rejected: { status: 409, when: 'somebody rejected the proposal' },
  base_version_stale: {
    status: 409,
    when: 'the workflow has moved on; `details.currentVersionId` is its current version',
  },
  plan_stale: { status: 409, when: 'what a plan is about has changed since it was made' },
  run_wait_timeout: { status: 409, when: 'the runs did not end in time; `details` names them' },
  approval_required: { status: 409, when: 'the workspace wants a signed-in person to apply what API keys propose' },
  runs_not_comparable: { status: 409, when: 'the runs are of different workflows' },
  run_not_terminal: { status: 409, when: 'the run has not ended' },
  sync_cooldown_active: {
    status: 409,
    when: 'the catalog was synced less than five minutes ago; `details.retryAfterSeconds`',
  },
  sync_failed: { status: 502, when: 'the server could not be reached, or refused; `details` says why' },
  idempotency_conflict: { status: 409, when: 'the idempotency key was used with other arguments' },
  workflow_archived: { status: 409, when: 'the workflow is archived' },
  mcp_server_archived: { status: 409, when: 'the MCP server was deleted' },
  model_unavailable: { status: 422, when: "the model doesn't exist, or its provider has no key" },
  target_blocked: { status: 422, when: "the server's host or address may not be called" },
  monitor_not_found: { status: 404, when: 'no such monitor in this workspace' },
  alert_rule_not_found: { status: 404, when: 'no such alert rule in this workspace' },
  destination_not_found: { status: 404, when: 'no such destination in this workspace' },
  incident_not_found: { status: 404, when: 'no such incident in this workspace' },
  delivery_not_found: { status: 404, when: 'no such delivery in this workspace' },
  maintenance_not_found: { status: 404, when: 'no such maintenance window in this workspace' },
  model_provider_not_found: { status: 404, when: 'no such model provider in this workspace' },
  api_key_not_found: { status: 404, when: 'no such API key in this workspace' },
  monitor_archived: { status: 409, when: 'the monitor was deleted' },
  member_not_found: { status: 404, when: 'no such member in this workspace' },
  invitation_not_found: { status: 404, when: 'no such invitation in this workspace' },
  invitation_invalid: { status: 404, when: 'the invitation is unknown, used or expired' },
  slug_taken: { status: 409, when: 'another workspace has the address' },
  conflict: { status: 409, when: "something else happened at the same time, or doesn't go with the present state" },
  not_found: { status: 404, when: 'nothing has this address' },
  method_not_allowed: { status: 405, when: 'the address does not take this method' },
  payload_too_large: { status: 413, when: 'the request is too large' },
  unsupported_media_type: { status: 415, when: 'the request is not JSON' },
  rate_limited: {
    status: 429,
    when: 'too many requests, wrong keys, or concurrent probes; `details.retryAfterSeconds`',
  },
  internal_error: { status: 500, when: 'a fault of Armature; has only the request id' },
} as const;

export type ErrorCode = keyof typeof errorKinds;

/** HTTP status of a code. */
export const httpStatus = (code: ErrorCode): number => errorKinds[code].status;
