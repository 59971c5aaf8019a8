import { isDeliveryFailure } from '../../domain/notification/delivery-failure.ts';
import { nextFireTimes } from '../../domain/schedule/schedule.ts';
import { dayMs, minuteMs } from '../../domain/values/time.ts';
import { findRefusedKeyMessages } from '../../infra/db/queries/installation.ts';
import { countLateMonitors } from '../../infra/db/queries/monitor.ts';
import { findLastFires } from '../../infra/db/queries/workflow-schedule.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import type { Deps } from '../context/context.ts';
import { deliverAlert } from '../delivery/deliver.ts';
import type { DeliveryRef } from '../delivery/ref.ts';
import { startDeliveries } from '../delivery/start.ts';
import { notifyIn } from '../incident/recording/notify.ts';
import { recordObservationsIn, type SubjectObservation } from '../incident/recording/record.ts';
import { lockSubjects, saveSubjects } from '../incident/recording/subject.ts';
import { toCauseLine } from '../incident/recording/text.ts';

/** Beside two intervals: the time a check or run takes to appear. */
const graceMs = 2 * minuteMs;
const mostWorkflows = 200;

/** Null: well; undefined: nobody can tell at the moment. */
type Look = { worker: string | null; schedules: string | null | undefined; providers: Map<string, string | null> };

/**
 * Looks after Armature itself, for the organizations whose built-in rule is on: whether a worker polls, whether monitors and scheduled
 * runs are late, whether a model provider refuses its key. Every api process and reconcile do it each minute (a dead worker can't tell
 * of itself); observations carry the minute, so that several looks count once. While no worker polls, these alerts are handed over
 * from here, where Temporal would keep them until one comes.
 */
export async function watchInstallation(deps: Deps): Promise<void> {
  const rules = await deps.db.alertRule.findMany({
    where: {
      targetKind: 'installation',
      state: 'watching',
      archivedAt: null,
      destination: { not: Prisma.DbNull },
    },
    select: { orgId: true },
  });
  if (rules.length === 0) return;
  const at = new Date(Math.floor(deps.now().getTime() / minuteMs) * minuteMs);
  const worker = await workerProblem(deps);
  for (const { orgId } of rules) {
    const look = {
      worker,
      schedules: worker === null ? await schedulesProblem(deps, orgId) : undefined,
      providers: await providerProblems(deps, orgId),
    };
    const refs = await note(deps, orgId, at, look);
    if (worker === null) await startDeliveries(deps, refs);
    else await deliverFromHere(deps, orgId);
  }
}

async function note(deps: Deps, orgId: string, at: Date, look: Look): Promise<DeliveryRef[]> {
  const seen = [
    seenOf('worker', look.worker, at),
    ...(look.schedules === undefined ? [] : [seenOf('schedules', look.schedules, at)]),
    ...[...look.providers].map(([name, problem]) => seenOf(`provider:${name}`, problem, at)),
  ];
  const open = await deps.db.incident.findMany({
    where: { orgId, subjectKind: 'installation', closedAt: null },
    select: { subjectKey: true },
  });
  const openKeys = new Set(open.map(({ subjectKey }) => subjectKey));
  const concerned = seen.filter(({ key, observation }) => observation.level !== 'ok' || openKeys.has(key));
  if (concerned.length === 0) return [];
  return deps.db.$transaction(async (tx) => {
    const subjects = await lockSubjects(tx, orgId, concerned);
    const incidents = await recordObservationsIn(tx, { orgId, subjects, observations: concerned });
    const refs = await notifyIn(tx, deps, { orgId, subjects, incidents });
    await saveSubjects(tx, orgId, [...subjects.values()]);
    return refs;
  });
}

function seenOf(key: string, problem: string | null, at: Date): SubjectObservation {
  const outcome = key.split(':')[0] ?? key;
  return {
    kind: 'installation',
    key,
    serverId: null,
    observation: { at: at.getTime(), level: problem === null ? 'ok' : 'bad', outcome },
    cause: { outcome, ...(problem !== null && { message: toCauseLine(problem) }) },
  };
}

async function workerProblem({ temporal, log }: Deps): Promise<string | null> {
  try {
    return (await temporal.workersPolling())
      ? null
      : 'No worker takes runs and checks at the moment. Start one, or look at its log.';
  } catch (error) {
    log.warn({ err: error }, 'Temporal can not be asked for its workers');
    return 'Temporal can not be reached, so nothing is run or checked.';
  }
}

async function schedulesProblem(deps: Deps, orgId: string): Promise<string | null> {
  const monitors = await countLateMonitors(deps.db, { orgId, at: deps.now(), graceSeconds: graceMs / 1000 });
  const workflows = await lateWorkflows(deps, orgId);
  const late = [
    ...(monitors > 0 ? [`${monitors} ${monitors === 1 ? 'monitor has' : 'monitors have'} missed two checks`] : []),
    ...(workflows > 0 ? [`${workflows} ${workflows === 1 ? 'workflow has' : 'workflows have'} missed two runs`] : []),
  ];
  return late.length > 0 ? `Schedules are late: ${late.join(', ')}.` : null;
}

async function lateWorkflows({ db, now }: Deps, orgId: string): Promise<number> {
  const rows = await findLastFires(db, { orgId, limit: mostWorkflows });
  const until = now().getTime() - graceMs;
  return rows.filter(({ cron, timezone, updatedAt, lastAt }) => {
    const since = new Date(Math.max(updatedAt.getTime(), lastAt?.getTime() ?? 0));
    const missed = nextFireTimes(cron, timezone ?? 'UTC', since, 2);
    return missed.length === 2 && missed.every((time) => time.getTime() <= until);
  }).length;
}

/**
 * By the runs of the last day: a provider refuses its key when a run ended so, and no later one of the same workflow and model was graded.
 */
async function providerProblems({ db, config, now }: Deps, orgId: string): Promise<Map<string, string | null>> {
  const problems = new Map<string, string | null>(config.providers.map(({ name }) => [name, null]));
  if (problems.size === 0) return problems;
  const failed = await findRefusedKeyMessages(db, { orgId, since: new Date(now().getTime() - dayMs) });
  for (const name of problems.keys()) {
    const found = failed.some((message) => named(message, name));
    if (found)
      problems.set(name, `The model provider ${name} refuses its key, so runs end in errors. Set a valid key.`);
  }
  return problems;
}

/** As infra/models/chat-failure.ts says it of an answer of 401 or 403; the judge's failures carry words before it. */
const named = (message: string, name: string): boolean => message.includes(`${name} refused its API key`);

/** No worker would carry out what Temporal is told. Each delivery's own state keeps this and a worker that comes back from sending twice. */
async function deliverFromHere(deps: Deps, orgId: string): Promise<void> {
  const pending = await deps.db.delivery.findMany({
    where: { orgId, state: 'pending', rule: { targetKind: 'installation' } },
    orderBy: { createdAt: 'asc' },
    take: 20,
    select: { id: true, round: true },
  });
  for (const { id: deliveryId, round } of pending)
    try {
      const ctx = { deps, actor: { kind: 'system' as const, id: 'installation', orgId }, requestId: deliveryId };
      await deliverAlert(ctx, { deliveryId, round });
    } catch (error) {
      if (!isDeliveryFailure(error)) throw error;
      deps.log.warn(
        { err: error, deliveryId },
        'an alert on Armature itself was not delivered; it is tried again in a minute',
      );
    }
}
