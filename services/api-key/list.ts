import { z } from 'zod';
import { atLeast, type Role, roles } from '../../domain/role/role.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import { afterPosition, readCursor, toPage } from '../context/pagination.ts';
import { useCase } from '../context/use-case.ts';

/** A key without its secret, which only its creator has seen. Times are ISO 8601. */
export type ApiKeyView = {
  id: string;
  name: string;
  /** `client`: one that a person signed in by OAuth. `key`: with a secret, for scripts and clients. */
  kind: 'key' | 'client';
  role: Role;
  createdById: string;
  /** Null when the person's account was deleted. */
  createdByName: string | null;
  createdAt: string;
  /** Accurate to the minute; null: never used. */
  lastUsedAt: string | null;
  /** Null: never. It may have passed. */
  expiresAt: string | null;
  /** Whether the caller may revoke it. */
  revocable: boolean;
};

/** The API keys of the workspace, newest first, by keyset. */
export const listApiKeys = useCase({
  name: 'api_key.list',
  access: 'viewer',
  input: z.object({ cursor: z.string().optional(), limit: z.int().min(1).max(200).default(50) }),
  async run({ db, orgId, actor }, { cursor, limit }): Promise<{ keys: ApiKeyView[]; nextCursor: string | null }> {
    const after = readCursor(cursor, z.string().max(100));
    const rows = await db.apiKey.findMany({
      where: {
        orgId,
        ...(after && afterPosition(after)),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      omit: { hash: true },
    });
    const { items, nextCursor } = toPage(rows, limit);
    const people = await db.user.findMany({
      where: { id: { in: [...new Set(items.map(({ createdById }) => createdById))] } },
      select: { id: true, name: true },
    });
    const names = new Map(people.map(({ id, name }) => [id, name]));
    return {
      keys: items.map((row) => ({
        id: row.id,
        name: row.name,
        kind: row.clientId === null ? 'key' : 'client',
        role: oneOf(roles, row.role),
        createdById: row.createdById,
        createdByName: names.get(row.createdById) ?? null,
        createdAt: row.createdAt.toISOString(),
        lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
        expiresAt: row.expiresAt?.toISOString() ?? null,
        revocable:
          (actor.kind === 'member' && actor.id === row.createdById) ||
          ('role' in actor && atLeast(actor.role, 'admin')),
      })),
      nextCursor,
    };
  },
});
