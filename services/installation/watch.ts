import { isDeliveryFailure } from '../../domain/notification/delivery-failure.ts';
import { nextFireTimes } from '../../domain/schedule/schedule.ts';
import { isCredible, maxClockSkewMs } from '../../domain/values/clock.ts';
import { dayMs, minuteMs } from '../../domain/values/time.ts';
import { findRefusedKeyMessages } from '../../infra/db/queries/installation.ts';
import { countLateMonitors } from '../../infra/db/queries/monitor.ts';
import { findLastFires } from '../../infra/db/queries/workflow-schedule.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import type { Deps } from '../context/context.ts';
import { deliverAlert } from '../delivery/deliver.ts';
import type { DeliveryRef } from '../delivery/schema.ts';
import { startDeliveries } from '../delivery/start.ts';
import { notifyIn } from '../incident/recording/notify.ts';
import { recordObservationsIn, type SubjectObservation } from '../incident/recording/record.ts';
import { lockSubjects, saveSubjects } from '../incident/recording/subject.ts';
import { toCauseLine } from '../incident/recording/text.ts';
import { describeUnhosted } from './unhosted-queues.ts';

/** In addition to two intervals: the time until a check or run appears. */
const graceMs = 2 * minuteMs;
const maxWorkflows = 200;

/** Problems by part. null: none; undefined: unknown at the moment. */
type Problems = { worker: string | null; schedules: string | null | undefined; providers: Map<string, string | null> };

/**
 * Watches Armature itself for organizations with an active built-in rule: whether workers host every queue, whether
 * monitors and scheduled runs are late, whether a model provider refuses its key. Every api process and reconcile do
 * this each minute (a dead worker can't report itself); observations carry the minute, so that several count once.
 * While workers are missing, these alerts are delivered from here: Temporal would keep them until one comes.
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
  const worker = await findWorkerProblem(deps);
  for (const { orgId } of rules) {
    const problems = {
      worker,
      schedules: worker === null ? await findLateSchedules(deps, orgId) : undefined,
      providers: await findProviderProblems(deps, orgId),
    };
    const refs = await record(deps, orgId, at, problems);
    if (worker === null) await startDeliveries(deps, refs);
    else await deliverWithoutWorker(deps, orgId);
  }
}

async function record(deps: Deps, orgId: string, at: Date, problems: Problems): Promise<DeliveryRef[]> {
  const observations = [
    toObservation('worker', problems.worker, at),
    ...(problems.schedules === undefined ? [] : [toObservation('schedules', problems.schedules, at)]),
    ...[...problems.providers].map(([name, problem]) => toObservation(`provider:${name}`, problem, at)),
  ];
  const open = await deps.db.incident.findMany({
    where: { orgId, subjectKind: 'installation', closedAt: null },
    select: { subjectKey: true },
  });
  const openKeys = new Set(open.map(({ subjectKey }) => subjectKey));
  const relevant = observations.filter(({ key, observation }) => observation.level !== 'ok' || openKeys.has(key));
  if (relevant.length === 0) return [];
  return deps.db.$transaction(async (tx) => {
    const subjects = await lockSubjects(tx, orgId, relevant);
    const incidents = await recordObservationsIn(tx, { orgId, subjects, observations: relevant, now: deps.now() });
    const refs = await notifyIn(tx, deps, { orgId, subjects, incidents });
    await saveSubjects(tx, orgId, [...subjects.values()]);
    return refs;
  });
}

function toObservation(key: string, problem: string | null, at: Date): SubjectObservation {
  const outcome = key.split(':')[0] ?? key;
  return {
    kind: 'installation',
    key,
    serverId: null,
    observation: { at: at.getTime(), level: problem === null ? 'ok' : 'bad', outcome },
    cause: { outcome, ...(problem !== null && { message: toCauseLine(problem) }) },
  };
}

async function findWorkerProblem({ temporal, log }: Deps): Promise<string | null> {
  try {
    const found = describeUnhosted(await temporal.listUnhostedQueues());
    return found && `${found.problem}. ${found.todo}`;
  } catch (error) {
    log.warn({ err: error }, 'the workers of Temporal could not be listed');
    return 'Temporal is not available, so no runs or checks start.';
  }
}

async function findLateSchedules(deps: Deps, orgId: string): Promise<string | null> {
  const at = deps.now();
  const since = await findEndOfOutage(deps, orgId);
  const credibleUntil = new Date(at.getTime() + maxClockSkewMs);
  const graceSeconds = graceMs / 1000;
  const monitors = await countLateMonitors(deps.db, { orgId, at, graceSeconds, since, credibleUntil });
  const workflows = await countLateWorkflows(deps, orgId, since);
  const late = [
    ...(monitors > 0 ? [`${monitors} ${monitors === 1 ? 'monitor has' : 'monitors have'} missed two checks`] : []),
    ...(workflows > 0 ? [`${workflows} ${workflows === 1 ? 'workflow has' : 'workflows have'} missed two runs`] : []),
  ];
  return late.length > 0 ? `Schedules are late: ${late.join(', ')}.` : null;
}

/** When no worker polled last: what is late since then is no consequence of that. */
async function findEndOfOutage({ db, now }: Deps, orgId: string): Promise<Date> {
  const last = await db.incident.findFirst({
    where: { orgId, subjectKind: 'installation', subjectKey: 'worker' },
    orderBy: { openedAt: 'desc' },
    select: { closedAt: true },
  });
  // An open one is about to be closed: a worker polls.
  return last ? (last.closedAt ?? now()) : new Date(0);
}

async function countLateWorkflows({ db, now }: Deps, orgId: string, outageEnd: Date): Promise<number> {
  const rows = await findLastFires(db, { orgId, limit: maxWorkflows });
  const until = now().getTime() - graceMs;
  return rows.filter(({ cron, timezone, updatedAt, lastAt }) => {
    const times = [updatedAt, lastAt, outageEnd].flatMap((time) => time?.getTime() ?? []);
    const since = new Date(Math.max(0, ...times.filter((time) => isCredible(time, now().getTime()))));
    const missed = nextFireTimes(cron, timezone ?? 'UTC', since, 2);
    return missed.length === 2 && missed.every((time) => time.getTime() <= until);
  }).length;
}

/**
 * From the runs of the last day: a provider refuses its key when a run ended that way and no later one of the same
 * workflow and model was graded.
 */
async function findProviderProblems({ db, config, now }: Deps, orgId: string): Promise<Map<string, string | null>> {
  const own = await db.modelProvider.findMany({ where: { orgId }, select: { name: true } });
  const problems = new Map<string, string | null>([...config.providers, ...own].map(({ name }) => [name, null]));
  if (problems.size === 0) return problems;
  const failed = await findRefusedKeyMessages(db, { orgId, since: new Date(now().getTime() - dayMs) });
  for (const name of problems.keys()) {
    const found = failed.some((message) => saysKeyRefused(message, name));
    if (found)
      problems.set(name, `The model provider ${name} refuses its API key, so runs end in errors. Set a valid key.`);
  }
  return problems;
}

/** The message that infra/models/chat-failure.ts gives to an answer of 401 or 403; the judge's has words before it. */
const saysKeyRefused = (message: string, name: string): boolean => message.includes(`${name} refused its API key`);

/** Delivers without a worker. Each delivery's own state keeps this and a returning worker from sending twice. */
async function deliverWithoutWorker(deps: Deps, orgId: string): Promise<void> {
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
        'an alert about Armature itself was not delivered; the next try is in a minute',
      );
    }
}
