import type { Role } from '../../../domain/role/role.ts';

export const roleNames: Record<Role, string> = { viewer: 'Viewer', editor: 'Editor', admin: 'Admin', owner: 'Owner' };

/** What each role adds to the ones before it. */
export const roleRights: Record<Role, string> = {
  viewer: 'Reads everything but the audit log, proposes changes, creates own API keys.',
  editor: 'Edits workflows and monitors, starts runs, applies proposals, handles incidents and alert rules.',
  admin: 'Manages servers, people, models, Slack and the status page; reads the audit log; revokes any API key.',
  owner: 'Changes the settings and budgets of the workspace, transfers or deletes it. There is exactly one.',
};
