import type { Db } from '../../infra/db/index.ts';
import type { SubjectKey } from './recording/subject.ts';
import { subjectNames } from './subject-names.ts';
import { type IncidentRow, type IncidentView, incidentView } from './view.ts';

/** The rows as readers see them, in their order, by a fixed number of queries. */
export async function incidentViews(db: Db, orgId: string, rows: readonly IncidentRow[]): Promise<IncidentView[]> {
  // Held to its list by the database.
  const keyed = rows.map((row) => ({ ...row, kind: row.subjectKind as SubjectKey['kind'], key: row.subjectKey }));
  const names = await subjectNames(db, orgId, keyed);
  return keyed.flatMap((row) => {
    const named = names.get(row);
    return named ? [incidentView(row, named)] : [];
  });
}
