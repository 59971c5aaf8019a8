import { atLeast } from '../../../domain/role/role.ts';
import type { WebhookModel } from '../../../prisma/generated/models.ts';
import type { Actor } from '../../context/context.ts';

export type WebhookView = {
  id: string;
  name: string;
  /** Without query values. Paths can be credentials: only admins see them, others see the origin and `/…`. */
  url: string;
  /** Names of the query values, which are secret. */
  queryNames: string[];
  isArchived: boolean;
  createdAt: string;
};

export function toWebhookView(row: WebhookModel, actor: Actor): WebhookView {
  const isAdmin = actor.kind === 'system' || (actor.kind !== 'visitor' && atLeast(actor.role, 'admin'));
  return {
    id: row.id,
    name: row.name,
    url: isAdmin ? row.url : `${new URL(row.url).origin}/…`,
    queryNames: row.queryNames,
    isArchived: row.archivedAt !== null,
    createdAt: row.createdAt.toISOString(),
  };
}
