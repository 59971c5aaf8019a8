import type { ErrorCode } from '../../domain/error/codes.ts';
import type { ArmatureError, ErrorDetails } from '../../domain/error/error.ts';

/** Who gets an error: the role of its key, and the tool that it called. */
export type Caller = { role: string | null; tool: string | null };

type Words = { message?: string; remediation: string };

/**
 * What a failure is and what to do about it, for an agent: it has tools, no pages. Use cases speak to people; where
 * their words fit both, there is no entry here.
 */
export function toAgentWords(
  { code, message, remediation, details }: Pick<ArmatureError, 'code' | 'message' | 'remediation' | 'details'>,
  caller: Caller,
): Required<Words> {
  return { message: nameFields(message, details), remediation, ...words[code]?.(details, caller) };
}

/** What agents are told to do about a code, with names in place of what varies. Undefined: each error says its own. */
export function describeRemediation(code: string): string | undefined {
  const placeholders = new Proxy({}, { get: (_, name) => `\`details.${String(name)}\`` });
  const [, tell] = Object.entries(words).find(([known]) => known === code) ?? [];
  return tell?.(placeholders, { role: 'role', tool: 'tool' }).remediation;
}

/** Often a model sees nothing else of an error, so the message names every wrong field. */
function nameFields(message: string, { fieldErrors = [] }: ErrorDetails): string {
  if (fieldErrors.length === 0) return message;
  return fieldErrors.map(({ field, message: what }) => (field === '' ? what : `${field}: ${what}`)).join(' ');
}

const words: { [code in ErrorCode]?: (details: ErrorDetails, caller: Caller) => Words } = {
  permission_denied: ({ neededRole }, { role, tool }) =>
    neededRole === undefined
      ? { remediation: 'Ask the person you work for to do this on the dashboard.' }
      : {
          message: `Your key has the role ${role}; ${tool ?? 'this'} needs the role ${neededRole}.`,
          remediation: `A key keeps its role: ask the person you work for for a new key with the role ${neededRole}.`,
        },
  workflow_not_found: () => ({ remediation: 'Call list_workflows for the ids of workflows.' }),
  run_not_found: () => ({ remediation: 'Call search_runs for the ids of runs.' }),
  mcp_server_not_found: () => ({ remediation: 'Call list_mcp_servers for the ids of servers.' }),
  proposal_not_found: () => ({
    remediation:
      'Use the proposalId that propose_workflow_patch or draft_regression_workflow_from_run returned. A proposal that nobody applied is deleted after seven days: propose it again.',
  }),
  version_not_found: () => ({
    remediation: 'Call get_workflow: it lists the versions, and activeVersionId is the one to base changes on.',
  }),
  monitor_not_found: () => ({
    remediation: 'Call get_org_health: failingMonitors and openIncidents have ids of monitors.',
  }),
  auth_profile_not_found: ({ fieldErrors }) => ({
    // Where a field isn't what is wrong, use cases name the profile and its server, as people named them.
    ...(fieldErrors === undefined && {
      message: "There is no such auth profile, or its credentials can't be read.",
    }),
    remediation:
      "Leave authProfileId out for the server's default auth profile. Credentials that can't be read have to be entered again by a person, on the dashboard.",
  }),
  resource_not_found: () => ({
    remediation:
      'List the resources and their templates for the URIs; the ids come from list_workflows, search_runs and list_mcp_servers.',
  }),
  proposal_expired: () => ({ remediation: 'Call propose_workflow_patch with the same change again.' }),
  proposal_rejected: () => ({
    remediation:
      'Call get_proposal for the reason, then propose_workflow_patch with a change that takes it into account.',
  }),
  base_version_stale: ({ currentVersionId, currentVersionNumber }) => ({
    message: `The workflow has moved on to version ${currentVersionNumber}: its currentVersionId is ${currentVersionId}.`,
    remediation: `Call get_workflow for what has changed, then propose_workflow_patch with baseVersionId ${currentVersionId}.`,
  }),
  approval_required: ({ proposalId }) => ({
    remediation: `Ask the person you work for to apply proposal ${proposalId} on the dashboard; get_proposal shows when it is applied.`,
  }),
  run_wait_timeout: () => ({
    remediation:
      'They continue. To wait on, call run_workflow_now with the same workflowId and reason or idempotencyKey, wait true, and without forceNewRun: it starts nothing. Or call inspect_run with a runId.',
  }),
  run_not_terminal: ({ runId }) => ({
    remediation: `Call inspect_run with runId ${runId} to see how far it is, and try again when it has ended.`,
  }),
  runs_not_comparable: () => ({
    remediation: 'Call search_runs with a workflowId, and compare two runs of the same workflow.',
  }),
  sync_cooldown_active: ({ retryAfterSeconds }) => ({
    remediation: `Use the catalog as it is, or call sync_mcp_server_capabilities again in ${retryAfterSeconds} s.`,
  }),
  workflow_archived: () => ({
    remediation:
      'Choose another workflow from list_workflows, or propose a new one: propose_workflow_patch with serverId and definition.',
  }),
  mcp_server_archived: () => ({ remediation: 'Choose another server from list_mcp_servers.' }),
  model_unavailable: () => ({
    remediation: 'Call get_authoring_guide with the topic models, and choose a model with keySet true.',
  }),
  target_blocked: () => ({
    remediation: 'Only an operator of this installation can allow the address, with ARMATURE_ALLOWED_TARGETS.',
  }),
};
