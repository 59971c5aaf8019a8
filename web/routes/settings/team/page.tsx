import { type MetaFunction, redirect, useLoaderData } from 'react-router';
import { ArmatureError, isArmatureError } from '../../../../domain/error/error.ts';
import { type GivenRole, givenRoles } from '../../../../domain/role/membership.ts';
import { atLeast } from '../../../../domain/role/role.ts';
import { createResetLink } from '../../../../services/account/password/create-reset-link.ts';
import type { Context } from '../../../../services/context/context.ts';
import { resendInvitation, revokeInvitation } from '../../../../services/invitation/change.ts';
import { createInvitation } from '../../../../services/invitation/create.ts';
import { listInvitations } from '../../../../services/invitation/list.ts';
import { changeMemberRole } from '../../../../services/member/change-role.ts';
import { leaveWorkspace } from '../../../../services/member/leave.ts';
import { listMembers } from '../../../../services/member/list.ts';
import { type ChangePreview, previewMemberChange } from '../../../../services/member/preview-change.ts';
import { removeMember } from '../../../../services/member/remove.ts';
import { transferOwnership } from '../../../../services/member/transfer-ownership.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { pickOne, query } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { CodeBlock } from '../../../ui/base/code-block.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { roleNames } from '../role.ts';
import { ChangeMember } from './change-member.tsx';
import { Invitations } from './invitations.tsx';
import { Members } from './members.tsx';

export const meta: MetaFunction = () => [{ title: 'Team · Settings · Armature' }];

export const loader = memberLoader(async ({ ctx, url, org, session }) => {
  const { cursor, member, to } = query(url, ['cursor', 'member', 'to']);
  const mayManage = atLeast(org.role, 'admin');
  const list = await listMembers(ctx, { ...(cursor && { cursor }) });
  const pending = mayManage ? (await listInvitations(ctx, { pending: true, limit: 200 })).invitations : [];
  return {
    ...list,
    invitations: pending,
    role: org.role,
    workspace: org.name,
    ownId: session.user.id,
    sendsEmail: ctx.deps.email.configured,
    change: mayManage && member ? await readChange(ctx, { userId: member, to }) : null,
  };
});

const choices = [...givenRoles, 'owner', 'remove'] as const;
export type Choice = (typeof choices)[number];
export type Change = ChangePreview & { to: Choice | null };

/** What the chosen change of a member would end; null if the member has gone or can't be changed. */
async function readChange(ctx: Context, of: { userId: string; to: string | undefined }): Promise<Change | null> {
  const to = pickOne(of.to, choices) ?? null;
  const role: GivenRole | null = to === null || to === 'owner' ? 'admin' : to === 'remove' ? null : to;
  try {
    return { ...(await previewMemberChange(ctx, { userId: of.userId, role })), to };
  } catch (error) {
    if (isArmatureError(error) && (error.code === 'member_not_found' || error.code === 'permission_denied'))
      return null;
    throw error;
  }
}

export const action = memberAction(async ({ ctx, form }) => {
  const userId = text(form, 'userId');
  const invitationId = text(form, 'invitationId');
  switch (form.get('intent')) {
    case 'invite': {
      const role = pickOne(text(form, 'role'), givenRoles) ?? 'viewer';
      if (form.get('by') === 'link')
        return answerInvitation(await createInvitation(ctx, { role, maxUses: Number(text(form, 'maxUses')) }));
      return answerInvitation(await createInvitation(ctx, { role, email: text(form, 'email') }));
    }
    case 'resend':
      return answerInvitation(await resendInvitation(ctx, { invitationId }));
    case 'revoke':
      await revokeInvitation(ctx, { invitationId });
      return { done: 'The invitation was revoked. Its link no longer works.', url: null };
    case 'change':
      return answerChange(ctx, userId, text(form, 'to'));
    case 'reset': {
      const { url } = await createResetLink(ctx, { userId });
      return { done: 'Pass this link on to the person. It works once, within a day, and is not shown again.', url };
    }
    case 'leave':
      await leaveWorkspace(ctx, {});
      throw redirect('/');
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

function answerInvitation({ invitation, url }: Awaited<ReturnType<typeof createInvitation>>) {
  if (url === null) return { done: `The invitation was sent to ${invitation.email}.`, url };
  const whom = invitation.email ?? (invitation.maxUses === 1 ? 'one person' : `up to ${invitation.maxUses} people`);
  return { done: `Pass this link on. It is for ${whom}, works for seven days, and is not shown again.`, url };
}

async function answerChange(ctx: Context, userId: string, chosen: string) {
  const to = pickOne(chosen, choices);
  if (to === 'remove') {
    const { name } = await removeMember(ctx, { userId });
    return { done: `${name} was removed from the workspace.`, url: null };
  }
  if (to === 'owner') {
    const { name } = await transferOwnership(ctx, { userId });
    return { done: `${name} owns the workspace now, and you are an admin.`, url: null };
  }
  if (!to) throw new ArmatureError('validation_failed', 'No role was chosen.', 'Choose one.');
  const { name } = await changeMemberRole(ctx, { userId, role: to });
  return { done: `${name} has the role ${roleNames[to]} now.`, url: null };
}

export default function Team() {
  const { change, role } = useLoaderData<typeof loader>();
  useLive(['member']);
  const answer = useActionData<typeof action>();
  return (
    <div className="space-y-6">
      <ErrorSummary problem={answer && 'problem' in answer ? answer.problem : undefined} />
      {answer && 'done' in answer ? (
        <div className="space-y-3">
          <Notice tone="good" alert title={answer.done} />
          {answer.url ? <CodeBlock label="Link">{answer.url}</CodeBlock> : null}
        </div>
      ) : null}
      {change ? <ChangeMember change={change} /> : null}
      <Members />
      {atLeast(role, 'admin') ? <Invitations /> : null}
    </div>
  );
}
