import type { SubjectKind } from '../../../domain/incident/incident.ts';
import { freshState, type SubjectState, subjectState } from '../../../domain/incident/state.ts';
import type { Tx } from '../../../infra/db/index.ts';

/** How a subject is told from others of its organization (prisma/schema.prisma, AlertSubject). */
export type SubjectKey = { kind: SubjectKind; key: string };

/** Subjects under their row locks. */
export type Subjects = Map<string, SubjectKey & { state: SubjectState }>;

export const nameOf = ({ kind, key }: SubjectKey): string => `${kind} ${key}`;

/**
 * Takes the row locks of subjects, by which what is seen of one of them takes turns; always in the same order, so that two
 * transactions can't wait for each other. Those that never failed get a row.
 */
export async function lockSubjects(tx: Tx, orgId: string, keys: readonly SubjectKey[]): Promise<Subjects> {
  if (keys.length === 0) return new Map();
  const [kinds, names] = [keys.map(({ kind }) => kind), keys.map(({ key }) => key)];
  await tx.$executeRaw`
    INSERT INTO "AlertSubject" ("orgId", "kind", "key", "state")
    SELECT ${orgId}::uuid, k."kind", k."key", ${JSON.stringify(freshState)}::jsonb
    FROM (SELECT DISTINCT * FROM unnest(${kinds}::text[], ${names}::text[]) AS u("kind", "key")) k
    ORDER BY k."kind", k."key" ON CONFLICT DO NOTHING`;
  const rows = await tx.$queryRaw<(SubjectKey & { state: unknown })[]>`
    SELECT s."kind", s."key", s."state" FROM "AlertSubject" s
    WHERE s."orgId" = ${orgId}::uuid
      AND (s."kind", s."key") IN (SELECT * FROM unnest(${kinds}::text[], ${names}::text[]))
    ORDER BY s."kind", s."key" FOR UPDATE`;
  return new Map(
    rows.map(({ kind, key, state }) => [nameOf({ kind, key }), { kind, key, state: subjectState.parse(state) }]),
  );
}

export async function saveSubjects(
  tx: Tx,
  orgId: string,
  subjects: readonly (SubjectKey & { state: SubjectState })[],
): Promise<void> {
  if (subjects.length === 0) return;
  await tx.$executeRaw`
    UPDATE "AlertSubject" s SET "state" = n."state"
    FROM jsonb_to_recordset(${JSON.stringify(subjects)}::jsonb) AS n("kind" text, "key" text, "state" jsonb)
    WHERE s."orgId" = ${orgId}::uuid AND s."kind" = n."kind" AND s."key" = n."key"`;
}
