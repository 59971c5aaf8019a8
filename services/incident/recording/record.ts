import { advance, type Step } from '../../../domain/incident/advance.ts';
import {
  type CloseReason,
  closeReasons,
  type IncidentCause,
  type IncidentLevel,
  incidentCause,
  subjectKinds,
} from '../../../domain/incident/incident.ts';
import type { Observation, SubjectState } from '../../../domain/incident/state.ts';
import { summarize } from '../../../domain/notification/text.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import type { Tx } from '../../../infra/db/index.ts';
import { updateOpenIncidents } from '../../../infra/db/queries/incident.ts';
import type { IncidentModel } from '../../../prisma/generated/models.ts';
import { newId } from '../../context/ids.ts';
import { toJson } from '../../context/use-case.ts';
import { type SubjectKey, type Subjects, subjectId } from './subject.ts';

/** An observation of one subject, with the cause that its incident would have. */
export type SubjectObservation = SubjectKey & {
  observation: Observation;
  cause: IncidentCause;
  serverId: string | null;
  monitorId?: string;
  workflowId?: string;
  model?: string;
  tool?: string;
  /** The open incident of the server or the auth profile that absorbs this one, if any. */
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
  closeReason: CloseReason | null;
  failureCount: number;
};

export function toIncident(row: IncidentModel): Incident {
  return {
    id: row.id,
    kind: oneOf(subjectKinds, row.subjectKind),
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
    closeReason: row.closeReason === null ? null : oneOf(closeReasons, row.closeReason),
    failureCount: row.failureCount,
  };
}

/**
 * Applies observations to locked subjects, whose states change, and writes their incidents. @returns the incidents that
 * they opened, continued or closed, in the order of the observations.
 */
export async function recordObservationsIn(
  tx: Tx,
  {
    orgId,
    subjects,
    observations,
    now,
  }: { orgId: string; subjects: Subjects; observations: readonly SubjectObservation[]; now: Date },
): Promise<Incident[]> {
  const steps = observations.flatMap((item): RecordedStep[] => {
    const subject = subjects.get(subjectId(item));
    if (!subject) throw new Error(`the subject ${subjectId(item)} is not locked`);
    const { state, step, incidentId } = advance(subject.state, item.observation, newId(), now.getTime());
    subject.state = state;
    return incidentId === null ? [] : [{ ...item, step, incidentId, state }];
  });
  const isNew = ({ step }: RecordedStep) => step === 'opened';
  await createIncidents(tx, orgId, steps.filter(isNew));
  await updateIncidents(
    tx,
    orgId,
    steps.filter((item) => !isNew(item)),
  );
  const closed = steps.filter(({ step }) => step === 'closed').map(({ incidentId }) => incidentId);
  const rows = await tx.incident.findMany({ where: { orgId, id: { in: closed } } });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return steps.map((item) => {
    const row = byId.get(item.incidentId);
    return row ? toIncident(row) : toOpenIncident(item);
  });
}

type RecordedStep = SubjectObservation & { step: Step; incidentId: string; state: SubjectState };

const toLevel = ({ observation }: SubjectObservation): IncidentLevel => (observation.level === 'warn' ? 'warn' : 'bad');

function toOpenIncident(item: RecordedStep): Incident {
  return {
    id: item.incidentId,
    kind: item.kind,
    key: item.key,
    serverId: item.serverId,
    monitorId: item.monitorId ?? null,
    workflowId: item.workflowId ?? null,
    model: item.model ?? null,
    tool: item.tool ?? null,
    level: toLevel(item),
    summary: summarize(item.kind, item.cause),
    cause: item.cause,
    openedAt: new Date(item.state.open?.openedAt ?? item.observation.at),
    closedAt: null,
    closeReason: null,
    failureCount: item.state.open?.failures ?? 1,
  };
}

async function createIncidents(tx: Tx, orgId: string, steps: readonly RecordedStep[]): Promise<void> {
  if (steps.length === 0) return;
  await tx.incident.createMany({
    data: steps.map((item) => {
      const { id, kind, key, level, summary, cause, openedAt, ...subject } = toOpenIncident(item);
      return {
        id,
        orgId,
        subjectKind: kind,
        subjectKey: key,
        serverId: subject.serverId,
        monitorId: subject.monitorId,
        workflowId: subject.workflowId,
        model: subject.model,
        tool: subject.tool,
        level,
        summary,
        cause: toJson(cause),
        openedAt,
        lastFailedAt: openedAt,
        parentId: item.parentId ?? null,
      };
    }),
  });
}

async function updateIncidents(tx: Tx, orgId: string, steps: readonly RecordedStep[]): Promise<void> {
  const changes = steps.map((item) =>
    item.step === 'closed'
      ? { id: item.incidentId, closedAt: new Date(item.observation.at) }
      : {
          id: item.incidentId,
          level: toLevel(item),
          summary: summarize(item.kind, item.cause),
          cause: item.cause,
          openedAt: item.state.open && new Date(item.state.open.openedAt),
          lastFailedAt: new Date(item.observation.at),
          failureCount: item.state.open?.failures,
          parentId: item.parentId ?? null,
        },
  );
  if (changes.length > 0) await updateOpenIncidents(tx, { orgId, changes });
}
