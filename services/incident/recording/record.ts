import { advance, type Step } from '../../../domain/incident/advance.ts';
import { type IncidentCause, type IncidentLevel, incidentCause } from '../../../domain/incident/incident.ts';
import type { Observation, SubjectState } from '../../../domain/incident/state.ts';
import { summaryOf } from '../../../domain/notification/text.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { updateOpenIncidents } from '../../../infra/db/queries/incident.ts';
import type { IncidentModel } from '../../../prisma/generated/models.ts';
import { newId } from '../../context/ids.ts';
import { toJson } from '../../context/use-case.ts';
import { nameOf, type SubjectKey, type Subjects } from './subject.ts';

/** What was seen of one subject, with what an incident of it would say. */
export type Seen = SubjectKey & {
  observation: Observation;
  cause: IncidentCause;
  serverId: string | null;
  monitorId?: string;
  workflowId?: string;
  model?: string;
  tool?: string;
  /** The server incident that speaks for this one, if one does. */
  parentId?: string | null;
};

/** An incident as rules and messages see it. */
export type Incident = SubjectKey & {
  id: string;
  serverId: string | null;
  monitorId: string | null;
  workflowId: string | null;
  model: string | null;
  tool: string | null;
  level: IncidentLevel;
  summary: string;
  cause: IncidentCause;
  openedAt: Date;
  closedAt: Date | null;
  failureCount: number;
  /** A server incident that is open speaks for it. */
  isAbsorbed: boolean;
};

export function incidentOf(row: IncidentModel, isAbsorbed: boolean): Incident {
  return {
    id: row.id,
    // Held to its list by the database.
    kind: row.subjectKind as SubjectKey['kind'],
    key: row.subjectKey,
    serverId: row.serverId,
    monitorId: row.monitorId,
    workflowId: row.workflowId,
    model: row.model,
    tool: row.tool,
    level: row.level === 'warn' ? 'warn' : 'bad',
    summary: row.summary,
    cause: incidentCause.parse(row.cause),
    openedAt: row.openedAt,
    closedAt: row.closedAt,
    failureCount: row.failureCount,
    isAbsorbed,
  };
}

/**
 * Takes observations into locked subjects (whose states it moves) and writes their incidents. @returns the incidents that were touched, in the
 * order in which they were seen.
 */
export async function takeIn(
  tx: Tx,
  { orgId, subjects, seen }: { orgId: string; subjects: Subjects; seen: readonly Seen[] },
): Promise<Incident[]> {
  const taken = seen.flatMap((each) => {
    const subject = subjects.get(nameOf(each));
    if (!subject) throw new Error(`the subject ${nameOf(each)} is not locked`);
    const { state, step, incidentId } = advance(subject.state, each.observation, newId());
    subject.state = state;
    return incidentId === null ? [] : [{ ...each, step, incidentId, state }];
  });
  await open(
    tx,
    orgId,
    taken.filter(({ step }) => step === 'opened'),
  );
  await update(
    tx,
    orgId,
    taken.filter(({ step }) => step !== 'opened'),
  );
  const closed = taken.filter(({ step }) => step === 'closed').map(({ incidentId }) => incidentId);
  const ended = await tx.incident.findMany({ where: { orgId, id: { in: closed } } });
  const byId = new Map(ended.map((row) => [row.id, row]));
  return taken.map((each) => {
    const row = byId.get(each.incidentId);
    return row ? incidentOf(row, false) : failing(each);
  });
}

type Taken = Seen & { step: Step; incidentId: string; state: SubjectState };

const levelOf = ({ observation }: Seen): IncidentLevel => (observation.level === 'warn' ? 'warn' : 'bad');

function failing(each: Taken): Incident {
  return {
    id: each.incidentId,
    kind: each.kind,
    key: each.key,
    serverId: each.serverId,
    monitorId: each.monitorId ?? null,
    workflowId: each.workflowId ?? null,
    model: each.model ?? null,
    tool: each.tool ?? null,
    level: levelOf(each),
    summary: summaryOf(each.kind, each.cause),
    cause: each.cause,
    openedAt: new Date(each.state.open?.openedAt ?? each.observation.at),
    closedAt: null,
    failureCount: each.state.open?.failures ?? 1,
    isAbsorbed: Boolean(each.parentId),
  };
}

async function open(tx: Tx, orgId: string, taken: readonly Taken[]): Promise<void> {
  if (taken.length === 0) return;
  await tx.incident.createMany({
    data: taken.map((each) => {
      const { id, kind, key, level, summary, cause, openedAt, ...of } = failing(each);
      return {
        id,
        orgId,
        subjectKind: kind,
        subjectKey: key,
        serverId: of.serverId,
        monitorId: of.monitorId,
        workflowId: of.workflowId,
        model: of.model,
        tool: of.tool,
        level,
        summary,
        cause: toJson(cause),
        openedAt,
        lastFailedAt: openedAt,
        parentId: each.parentId ?? null,
      };
    }),
  });
}

async function update(tx: Tx, orgId: string, taken: readonly Taken[]): Promise<void> {
  const changes = taken.map((each) =>
    each.step === 'closed'
      ? { id: each.incidentId, closedAt: new Date(each.observation.at) }
      : {
          id: each.incidentId,
          level: levelOf(each),
          summary: summaryOf(each.kind, each.cause),
          cause: each.cause,
          lastFailedAt: new Date(each.observation.at),
          failureCount: each.state.open?.failures,
          parentId: each.parentId ?? null,
        },
  );
  if (changes.length > 0) await updateOpenIncidents(tx, { orgId, changes });
}
