import type { SubjectKind } from '../../../domain/incident/incident.ts';
import { freshState, type SubjectState, subjectState } from '../../../domain/incident/state.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { createMissingSubjects, lockSubjectRows, saveSubjectRows } from '../../../infra/db/queries/incident.ts';

/** Identifies a subject within its organization (prisma/schema.prisma, AlertSubject). */
export type SubjectKey = { kind: SubjectKind; key: string };

/** Locked subjects, by `subjectId`. */
export type Subjects = Map<string, SubjectKey & { state: SubjectState }>;

export const subjectId = ({ kind, key }: SubjectKey): string => `${kind} ${key}`;

/** Locks subjects, so that observations of one are applied one after the other. Those that never failed get a row. */
export async function lockSubjects(tx: Tx, orgId: string, keys: readonly SubjectKey[]): Promise<Subjects> {
  if (keys.length === 0) return new Map();
  await createMissingSubjects(tx, { orgId, keys, state: JSON.stringify(freshState) });
  const rows = await lockSubjectRows(tx, { orgId, keys });
  return new Map(
    rows.map(({ kind, key, state }) => [subjectId({ kind, key }), { kind, key, state: subjectState.parse(state) }]),
  );
}

export async function saveSubjects(
  tx: Tx,
  orgId: string,
  subjects: readonly (SubjectKey & { state: SubjectState })[],
): Promise<void> {
  if (subjects.length > 0) await saveSubjectRows(tx, { orgId, subjects });
}
