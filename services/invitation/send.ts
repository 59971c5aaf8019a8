import { dayMs } from '../../domain/values/time.ts';
import { newToken, toHash } from '../account/link/link.ts';
import { trySending } from '../account/link/send.ts';
import type { Deps } from '../context/context.ts';

const lifetimeDays = 7;

/** A token with what is stored of it. */
export function newInvitationToken(now: Date): { token: string; stored: { tokenHash: string; expiresAt: Date } } {
  const token = newToken();
  return { token, stored: { tokenHash: toHash(token), expiresAt: new Date(now.getTime() + lifetimeDays * dayMs) } };
}

/**
 * Sends an invitation to the person that it is for.
 * @returns the link, to be shown once, unless it was sent
 */
export async function sendInvitation(
  deps: Pick<Deps, 'config' | 'db' | 'email' | 'log'>,
  of: { orgId: string; id: string; token: string; email: string | null; invitedBy: string; organization: string },
): Promise<{ url: string | null }> {
  const url = `${deps.config.url}/invite?token=${of.token}`;
  if (of.email === null || !deps.email.configured) return { url };
  const isSent = await trySending(deps, {
    to: of.email,
    subject: `Join ${of.organization} on Armature`,
    text: `${of.invitedBy} invites you to the workspace ${of.organization}, where a team tests and monitors its MCP servers.`,
    link: { button: 'See the invitation', url },
    note: `The link is for you alone and works for ${lifetimeDays} days. If you did not expect it, ignore this message.`,
  });
  if (!isSent) return { url };
  await deps.db.invitation.updateMany({
    where: { orgId: of.orgId, id: of.id, tokenHash: toHash(of.token) },
    data: { isSentByEmail: true },
  });
  return { url: null };
}
