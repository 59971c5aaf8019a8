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
import { loadActorNames } from '../context/actor-names.ts';
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
  /** The incident of its server, or of most servers, that absorbed it. */
  parentId: string | null;
  /** Who looks after it, `<kind>:<id>` as in the audit log; null: nobody has said so. Then no reminders are sent. */
  acknowledgedBy: string | null;
  acknowledgedAt: string | null;
  /** The member who looks after it. `name`: null for a former member. */
  assignee: { userId: string; name: string | null } | null;
};

/** Without the baseline of a breaking change, which can be large. */
export type CauseView = Omit<IncidentCause, 'baseline'>;

export type IncidentRow = Omit<IncidentModel, 'cause' | 'orgId'>;

export function incidentView(
  row: IncidentRow,
  named: { subject: IncidentSubject; serverName: string | null; assigneeName: string | null },
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
    acknowledgedBy: row.acknowledgedBy,
    acknowledgedAt: row.acknowledgedAt?.toISOString() ?? null,
    assignee: row.assigneeId === null ? null : { userId: row.assigneeId, name: named.assigneeName },
  };
}

/** Incidents as readers see them, in the order of the rows, by a fixed number of queries. */
export async function incidentViews(db: Db, orgId: string, rows: readonly IncidentRow[]): Promise<IncidentView[]> {
  const keyed = rows.map((row) => ({ ...row, kind: oneOf(subjectKinds, row.subjectKind), key: row.subjectKey }));
  const assignees = rows.flatMap(({ assigneeId }) => (assigneeId === null ? [] : [{ kind: 'member', id: assigneeId }]));
  const [names, nameOf] = await Promise.all([
    findSubjectNames(db, orgId, keyed),
    assignees.length === 0 ? null : loadActorNames(db, orgId, assignees),
  ]);
  return keyed.flatMap((row) => {
    const named = names.get(row);
    const assigneeName =
      row.assigneeId === null ? null : (nameOf?.({ kind: 'member', id: row.assigneeId }).name ?? null);
    return named ? [incidentView(row, { ...named, assigneeName })] : [];
  });
}
