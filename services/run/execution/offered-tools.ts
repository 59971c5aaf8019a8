import { createHash } from 'node:crypto';
import type { TraceEventBody } from '../../../domain/run/run.ts';
import type { Db, Tx } from '../../../infra/db/index.ts';
import { sanitizeForPostgres, sanitizeText } from '../../context/sanitize.ts';

/** The data of an event as it is stored: thousands of names of offered tools are kept once per content, not per run. */
export async function toStoredData(db: Db, orgId: string, { type: _, ...data }: TraceEventBody): Promise<unknown> {
  if (!('offered' in data)) return sanitizeForPostgres(data);
  const { offered, ...rest } = data;
  const names = offered.map(sanitizeText);
  const hash = createHash('sha256').update(JSON.stringify(names)).digest('hex');
  await db.offeredTools.createMany({ data: { orgId, hash, names }, skipDuplicates: true });
  return sanitizeForPostgres({ ...rest, offeredHash: hash });
}

/** The lists of names that these events refer to, by hash. */
export async function loadOfferedTools(
  db: Db | Tx,
  orgId: string,
  events: readonly { data: unknown }[],
): Promise<ReadonlyMap<string, string[]>> {
  const hashes = new Set(events.flatMap(({ data }) => readOfferedHash(data) ?? []));
  if (hashes.size === 0) return new Map();
  const rows = await db.offeredTools.findMany({ where: { orgId, hash: { in: [...hashes] } } });
  return new Map(rows.map(({ hash, names }) => [hash, names]));
}

export const readOfferedHash = (data: unknown): string | null =>
  typeof data === 'object' && data !== null && 'offeredHash' in data && typeof data.offeredHash === 'string'
    ? data.offeredHash
    : null;
