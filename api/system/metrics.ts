import { createHash, timingSafeEqual } from 'node:crypto';
import type { Express, Request } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Deps } from '../../services/context/context.ts';
import { type Figures, type Quantiles, readMetrics } from '../../services/installation/metrics/read.ts';

const keptMs = 10_000;

type Refusal = { status: 401 | 403; message: string };

/**
 * `GET /metrics` in Prometheus' text format: this process' CPU, memory and event loop, and what the database knows of the whole
 * installation, asked at most every ten seconds. With `ARMATURE_METRICS_TOKEN` for whoever sends it; without, for this machine alone.
 */
export function mountMetrics(app: Express, deps: Deps): void {
  const metrics = createMetrics(deps);
  app.get('/metrics', async (request, response) => {
    response.set('Cache-Control', 'no-store');
    const refusal = refusalOf(request, deps.config.metricsToken);
    if (refusal) {
      if (refusal.status === 401) response.set('WWW-Authenticate', 'Bearer');
      response.status(refusal.status).type('text').send(refusal.message);
      return;
    }
    const { type, text } = await metrics.read(response.locals.requestId);
    response.set('Content-Type', type).send(text);
  });
}

const digest = (text: string) => createHash('sha256').update(text).digest();

function refusalOf(request: Request, token: string): Refusal | null {
  if (token) {
    const [, given = ''] = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '') ?? [];
    // Digests are equally long, so that the comparison tells nothing, not even the length.
    return timingSafeEqual(digest(given), digest(token))
      ? null
      : { status: 401, message: 'Send the token of ARMATURE_METRICS_TOKEN as Authorization: Bearer <token>.' };
  }
  const { remoteAddress } = request.socket;
  const proxied = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'].some((name) => request.get(name) !== undefined);
  // The host too: a page elsewhere could point its own name at this machine and read what a browser here may read.
  if (remoteAddress !== undefined && isLoopback(remoteAddress) && !proxied && isLoopback(hostOf(request))) return null;
  return {
    status: 403,
    message: 'Metrics are for this machine alone. To read them from elsewhere, set ARMATURE_METRICS_TOKEN.',
  };
}

const isLoopback = (address: string) =>
  address === 'localhost' || address === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(address);
const hostOf = (request: Request) =>
  (request.get('host') ?? '')
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();

function createMetrics(deps: Deps) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = <const L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name: `armature_${name}`, help, labelNames, registers: [registry] });

  const up = gauge('up', '1 when the figures of this part could be read at this scrape.', ['part']);
  const polling = gauge('worker_polling', '1 when a worker took work from Temporal within the last 90 seconds.');
  const checks = new Counter({
    name: 'armature_checks_total',
    help: 'Monitor checks since 00:00 UTC of this day, by outcome; not_reached and maintenance count in no uptime. Starts again at 0 each day.',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  const monitors = gauge('monitors', 'Tool monitors, by state; archived ones do not count.', ['state']);
  const overdue = gauge(
    'monitors_overdue_seconds',
    'Seconds by which the most overdue active monitor waits for its next check; 0 when none does.',
  );
  const tickLateness = gauge(
    'check_lateness_seconds',
    'Seconds from the nominal time of the latest tick of each monitors Schedule to its first call, over all Schedules (quantile 1: the latest).',
    ['quantile'],
  );
  const runs = gauge('runs_last_hour', 'Runs made within the last hour, by their status now.', ['status']);
  const unfinished = gauge('runs_unfinished', 'Runs that are pending or running, however old.', ['status']);
  const runLateness = gauge(
    'run_lateness_seconds',
    'Seconds from fire time to start of scheduled runs made in the last 15 minutes, of waiting ones until now. Several tester models start 5 s apart.',
    ['quantile'],
  );
  const unsynced = gauge('schedules_unsynced', 'Temporal Schedules that still have to follow a change.', ['kind']);
  const deliveries = gauge('deliveries_last_hour', 'Alert deliveries made within the last hour, by their state now.', [
    'state',
  ]);
  const pending = gauge('deliveries_pending', 'Alert deliveries that are on their way, however old.');
  const oldest = gauge('deliveries_pending_oldest_seconds', 'Age of the oldest pending delivery; 0 when none is.');
  const incidents = gauge('incidents_open', 'Open incidents, by what they are about and how bad it is.', [
    'kind',
    'level',
  ]);

  const setQuantiles = (into: Gauge<'quantile'>, { p50, p95, max }: Quantiles) => {
    into.set({ quantile: '0.5' }, p50);
    into.set({ quantile: '0.95' }, p95);
    into.set({ quantile: '1' }, max);
  };
  /** Labels that have gone must not keep their last value. */
  const forget = () => {
    for (const each of [checks, monitors, runs, unfinished, unsynced, deliveries, incidents, tickLateness, runLateness])
      each.reset();
    for (const each of [overdue, pending, oldest]) each.remove();
  };
  const show = (figures: Figures) => {
    for (const { label, count } of figures.checksToday) checks.inc({ outcome: label }, count);
    for (const { label, count } of figures.monitors) monitors.set({ state: label }, count);
    for (const { label, count } of figures.runsLastHour) runs.set({ status: label }, count);
    for (const status of ['pending', 'running']) unfinished.set({ status }, 0);
    for (const { label, count } of figures.runsUnfinished) unfinished.set({ status: label }, count);
    for (const { label, count } of figures.schedulesUnsynced) unsynced.set({ kind: label }, count);
    for (const { label, count } of figures.deliveriesLastHour) deliveries.set({ state: label }, count);
    for (const { kind, level, count } of figures.incidentsOpen) incidents.set({ kind, level }, count);
    overdue.set(figures.monitorsOverdueSeconds);
    pending.set(figures.deliveriesPending.count);
    oldest.set(figures.deliveriesPending.oldestSeconds);
    setQuantiles(tickLateness, figures.tickLateness);
    setQuantiles(runLateness, figures.runLateness);
  };

  async function compute(requestId: string): Promise<string> {
    const [figures, polls] = await Promise.allSettled([
      readMetrics({ deps, actor: { kind: 'visitor', id: 'metrics' }, requestId }, {}),
      deps.temporal.workersPolling(),
    ]);
    for (const asked of [figures, polls])
      if (asked.status === 'rejected') deps.log.warn({ err: asked.reason, requestId }, 'metrics are incomplete');
    forget();
    up.set({ part: 'postgres' }, figures.status === 'fulfilled' ? 1 : 0);
    up.set({ part: 'temporal' }, polls.status === 'fulfilled' ? 1 : 0);
    polling.set(polls.status === 'fulfilled' && polls.value ? 1 : 0);
    if (figures.status === 'fulfilled') show(figures.value);
    return registry.metrics();
  }

  let last: { at: number; text: Promise<string> } | null = null;
  return {
    async read(requestId: string): Promise<{ type: string; text: string }> {
      const at = performance.now();
      if (!last || at - last.at > keptMs) last = { at, text: compute(requestId) };
      return { type: registry.contentType, text: await last.text };
    },
  };
}
