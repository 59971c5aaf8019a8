import { type GivenRole, givenRoles } from '../../domain/role/membership.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import type { InvitationModel } from '../../prisma/generated/models.ts';

export const invitationStates = ['pending', 'used', 'expired', 'revoked'] as const;
export type InvitationState = (typeof invitationStates)[number];

/** An invitation without its token. Times are ISO 8601. */
export type InvitationView = {
  id: string;
  role: GivenRole;
  /** Of the one person that it is for; null for a link that may be passed on. */
  email: string | null;
  state: InvitationState;
  useCount: number;
  maxUses: number;
  createdById: string;
  /** Null when the person's account was deleted. */
  createdByName: string | null;
  createdAt: string;
  expiresAt: string;
};

type Row = Omit<InvitationModel, 'tokenHash'>;

export function toState({ revokedAt, useCount, maxUses, expiresAt }: Row, now: Date): InvitationState {
  if (useCount >= maxUses) return 'used';
  if (revokedAt !== null) return 'revoked';
  return expiresAt <= now ? 'expired' : 'pending';
}

export const toView = (row: Row, createdByName: string | null, now: Date): InvitationView => ({
  id: row.id,
  role: oneOf(givenRoles, row.role),
  email: row.email,
  state: toState(row, now),
  useCount: row.useCount,
  maxUses: row.maxUses,
  createdById: row.createdById,
  createdByName,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
});
