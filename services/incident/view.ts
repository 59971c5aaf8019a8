import type { CloseReason, IncidentCause, IncidentLevel } from '../../domain/incident/incident.ts';
import type { IncidentSubject } from '../../domain/notification/text.ts';
import type { Db } from '../../infra/db/index.ts';
import type { IncidentModel } from '../../prisma/generated/models.ts';
import type { SubjectKey } from './recording/subject.ts';
import { subjectNames } from './subject-names.ts';

/** An incident in a list. Summary and names are untrusted. Times are ISO 8601. */
export type IncidentView = {
  id: string;
  subject: IncidentSubject & { tool: string | null };
  serverName: string | null;
  level: IncidentLevel;
  summary: string;
  state: 'open' | 'closed';
  openedAt: string;
  lastFailedAt: string;
  closedAt: string | null;
  closeReason: CloseReason | null;
  /** Who accepted it, as in the audit log: `member:…`. */
  closedBy: string | null;
  failureCount: number;
  /** The server incident that took it in. */
  parentId: string | null;
};

/** Without the baseline of a breaking change, which can be large. */
export type CauseView = Omit<IncidentCause, 'baseline'>;

export type IncidentRow = Omit<IncidentModel, 'cause' | 'orgId'>;

export function incidentView(
  row: IncidentRow,
  named: { subject: IncidentSubject; serverName: string | null },
): IncidentView {
  return {
    id: row.id,
    subject: { ...named.subject, tool: row.tool },
    serverName: named.serverName,
    level: row.level === 'warn' ? 'warn' : 'bad',
    summary: row.summary,
    state: row.closedAt === null ? 'open' : 'closed',
    openedAt: row.openedAt.toISOString(),
    lastFailedAt: row.lastFailedAt.toISOString(),
    closedAt: row.closedAt?.toISOString() ?? null,
    // Held to its list by the database.
    closeReason: row.closeReason as CloseReason | null,
    closedBy: row.closedBy,
    failureCount: row.failureCount,
    parentId: row.parentId,
  };
}

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
