import { createHash } from 'node:crypto';
import { errors } from 'oidc-provider';
import type { Prisma } from '../../prisma/generated/client.ts';
import type { Db } from '../db/index.ts';

/** The payload of a record, as oidc-provider gives it. Those of one sign-in have the same `grantId`. */
type Payload = { jti?: string; grantId?: string; [member: string]: unknown };

/** Stores the records of one kind. An id is often the token itself, so only its hash is stored. */
export type RecordStore = {
  upsert(id: string, payload: Payload, expiresInSeconds?: number): Promise<void>;
  find(id: string): Promise<Payload | undefined>;
  consume(id: string): Promise<void>;
  destroy(id: string): Promise<void>;
  revokeByGrantId(grantId: string): Promise<void>;
  findByUid(): Promise<undefined>;
  findByUserCode(): Promise<undefined>;
};

const toHash = (id: string): string => createHash('sha256').update(id).digest('base64url');
const toDate = (seconds: number | undefined, now: Date): Date | null =>
  seconds === undefined ? null : new Date(now.getTime() + seconds * 1000);

/**
 * The store of oidc-provider, in Postgres.
 * @param options.revoke ends a sign-in, with all its records
 */
export function createStores({
  db,
  now,
  revoke,
}: {
  db: Db;
  now: () => Date;
  revoke: (keyId: string) => Promise<void>;
}): (kind: string) => RecordStore {
  return (kind) => ({
    async upsert(id, { jti: _, ...payload }, expiresInSeconds) {
      // People are signed in by the dashboard. A session of the library's own could outlive that.
      if (kind === 'Session') return;
      const keyId = kind === 'Grant' ? id : (payload.grantId ?? null);
      const expiresAt = toDate(expiresInSeconds, now());
      // What the library stores is JSON; its type can't say so.
      const data = { keyId, payload: payload as Prisma.InputJsonObject, expiresAt };
      const where = { kind_hash: { kind, hash: toHash(id) } };
      await db.authorizationRecord.upsert({ where, create: { ...where.kind_hash, ...data }, update: data });
      // A client that comes back in time stays connected.
      if (kind === 'RefreshToken' && keyId !== null)
        await db.apiKey.updateMany({ where: { id: keyId }, data: { expiresAt } });
    },

    async find(id) {
      const row = await db.authorizationRecord.findUnique({ where: { kind_hash: { kind, hash: toHash(id) } } });
      if (!row || (row.expiresAt !== null && row.expiresAt <= now())) return undefined;
      const { consumedAt } = row;
      return {
        ...(row.payload as Prisma.JsonObject),
        ...(kind !== 'Client' && { jti: id }),
        ...(consumedAt && { consumed: Math.floor(consumedAt.getTime() / 1000) }),
      };
    },

    async consume(id) {
      const unused = { kind, hash: toHash(id), consumedAt: null };
      const { count } = await db.authorizationRecord.updateMany({ where: unused, data: { consumedAt: now() } });
      // Another request used it between `find` and here.
      if (count === 0) throw new errors.InvalidGrant('it was used already');
    },

    async destroy(id) {
      if (kind === 'Grant') await revoke(id);
      await db.authorizationRecord.deleteMany({ where: { kind, hash: toHash(id) } });
    },

    // `destroy` of the grant deletes its records.
    async revokeByGrantId(grantId) {
      await db.authorizationRecord.deleteMany({ where: { kind, keyId: grantId } });
    },

    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
  });
}
