import {
  type CloseReason,
  closeReasons,
  type IncidentCause,
  type IncidentLevel,
  subjectKinds,
} from '../../domain/incident/incident.ts';
import type { IncidentSubject } from '../../domain/notification/text.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import type { Db } from '../../infra/db/index.ts';
import type { IncidentModel } from '../../prisma/generated/models.ts';
import { findSubjectNames } from './subject-names.ts';

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
  /** `<kind>:<id>` of the actor who accepted it, as in the audit log. */
  closedBy: string | null;
  failureCount: number;
  /** The server incident that absorbed it. */
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
    closeReason: row.closeReason === null ? null : oneOf(closeReasons, row.closeReason),
    closedBy: row.closedBy,
    failureCount: row.failureCount,
    parentId: row.parentId,
  };
}

/** Incidents as readers see them, in the order of the rows, by a fixed number of queries. */
export async function incidentViews(db: Db, orgId: string, rows: readonly IncidentRow[]): Promise<IncidentView[]> {
  const keyed = rows.map((row) => ({ ...row, kind: oneOf(subjectKinds, row.subjectKind), key: row.subjectKey }));
  const names = await findSubjectNames(db, orgId, keyed);
  return keyed.flatMap((row) => {
    const named = names.get(row);
    return named ? [incidentView(row, named)] : [];
  });
}
