import { z } from 'zod';
import { givenRoles } from '../../../domain/role/membership.ts';
import { roles } from '../../../domain/role/role.ts';
import { exportAudit } from '../../../services/audit/export.ts';
import { auditFilters, listAudit } from '../../../services/audit/list.ts';
import { resendInvitation, revokeInvitation } from '../../../services/invitation/change.ts';
import { createInvitation } from '../../../services/invitation/create.ts';
import { listInvitations } from '../../../services/invitation/list.ts';
import { invitationStates } from '../../../services/invitation/view.ts';
import { changeMemberRole } from '../../../services/member/change-role.ts';
import { listMembers } from '../../../services/member/list.ts';
import { previewMemberChange } from '../../../services/member/preview-change.ts';
import { removeMember } from '../../../services/member/remove.ts';
import { defineDownload, defineRoute, pageOf, paging } from '../route.ts';
import { time } from '../schemas.ts';

const userId = z.string();

const member = z
  .object({
    userId,
    name: z.string(),
    email: z.string(),
    role: z.enum(roles),
    joinedAt: time,
    changeable: z.boolean().describe('Whether the caller may remove them and change their role.'),
  })
  .meta({ id: 'Member' });

const invitation = z
  .object({
    id: z.uuid(),
    role: z.enum(givenRoles),
    email: z.string().nullable().describe('Of the one person that it is for; null for a link.'),
    state: z.enum(invitationStates),
    useCount: z.int(),
    maxUses: z.int(),
    createdById: userId,
    createdByName: z.string().nullable(),
    createdAt: time,
    expiresAt: time,
  })
  .meta({ id: 'Invitation' });

const sentInvitation = z
  .object({
    invitation,
    url: z.string().nullable().describe('The link, shown this once; null when it was sent by e-mail.'),
  })
  .meta({ id: 'SentInvitation' });

const auditEvent = z
  .object({
    id: z.uuid(),
    at: time,
    actorKind: z.string().describe('member, api_key, slack or system.'),
    actorId: z.string(),
    actorName: z.string().nullable(),
    action: z.string().describe('Such as `workflow.pause`.'),
    subject: z.string().nullable().describe('Id of what was acted on.'),
    intent: z.string().nullable().describe('What an agent said that it wanted.'),
    data: z.unknown(),
  })
  .meta({ id: 'AuditEvent' });

const withoutUrl = (answer: unknown): unknown => ({ ...Object(answer), url: null });

const revokedKeys = z.array(z.string()).describe('Names of API keys of theirs that were revoked.');

export const peopleRoutes = [
  defineRoute({
    method: 'GET',
    path: '/members',
    summary: 'Lists the members of the workspace, newest first',
    useCase: listMembers,
    input: z.object(paging),
    output: pageOf(member),
    async run(ctx, given) {
      const { members, nextCursor } = await listMembers(ctx, given);
      return { rows: members, nextCursor };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/members/{userId}/change-preview',
    operation: 'previewMemberChange',
    summary: 'Says which API keys, invitations and alert rules a change of a role, or a removal, would end',
    useCase: previewMemberChange,
    input: z.object({ userId, role: z.enum(givenRoles).optional().describe('Left out: the member is removed.') }),
    output: z.object({
      member: z.object({ userId, name: z.string(), email: z.string(), role: z.enum(roles) }),
      keys: z.array(z.object({ id: z.string(), name: z.string(), role: z.enum(roles) })),
      invitationCount: z.int(),
      rules: z.array(z.object({ id: z.uuid(), name: z.string() })),
    }),
    run: (ctx, given) => previewMemberChange(ctx, given),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/members/{userId}',
    summary: 'Gives a member another role',
    description: 'A lower role revokes the API keys of theirs that are above it.',
    useCase: changeMemberRole,
    input: changeMemberRole.useCase.input,
    output: z.object({ userId, name: z.string(), role: z.enum(roles), revokedKeys }),
    run: (ctx, given) => changeMemberRole(ctx, given),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/members/{userId}',
    summary: 'Removes a member, and revokes their API keys',
    useCase: removeMember,
    input: removeMember.useCase.input,
    output: z.object({ userId, name: z.string(), revokedKeys }),
    run: (ctx, given) => removeMember(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/invitations',
    summary: 'Lists invitations, newest first',
    useCase: listInvitations,
    input: z.object({ pending: z.boolean().optional().describe('Only those that can still be used.'), ...paging }),
    output: pageOf(invitation),
    async run(ctx, given) {
      const { invitations, nextCursor } = await listInvitations(ctx, given);
      return { rows: invitations, nextCursor };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/invitations',
    summary: 'Invites a person by e-mail, or creates a link for several',
    useCase: createInvitation,
    status: 201,
    input: createInvitation.useCase.input,
    output: sentInvitation,
    toReplay: withoutUrl,
    run: (ctx, given) => createInvitation(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/invitations/{invitationId}/resend',
    summary: 'Sends an invitation again, with a new link that works for seven days',
    useCase: resendInvitation,
    input: resendInvitation.useCase.input,
    output: sentInvitation,
    toReplay: withoutUrl,
    run: (ctx, given) => resendInvitation(ctx, given),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/invitations/{invitationId}',
    summary: 'Revokes an invitation',
    useCase: revokeInvitation,
    input: revokeInvitation.useCase.input,
    output: z.object({ id: z.string() }),
    run: (ctx, given) => revokeInvitation(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/audit-log',
    operation: 'listAuditEvents',
    summary: 'Lists who changed or started what, newest first',
    useCase: listAudit,
    input: auditFilters.extend(paging),
    output: pageOf(auditEvent),
    async run(ctx, given) {
      const { events, nextCursor } = await listAudit(ctx, given);
      return { rows: events, nextCursor };
    },
  }),
  defineDownload({
    path: '/audit-log/export',
    operation: 'exportAuditLog',
    summary: 'Returns the audit log as CSV, newest first',
    description: 'A text that a spreadsheet would take for a formula begins with an apostrophe.',
    useCase: exportAudit,
    input: auditFilters,
    output: z.string(),
    contentType: 'text/csv',
    run: (ctx, given) => exportAudit(ctx, given),
  }),
];
