import { createHash, timingSafeEqual } from 'node:crypto';
import type { Express, Request } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { taskQueues } from '../../domain/run/ids.ts';
import type { Deps } from '../../services/context/context.ts';
import { type Figures, type Quantiles, readMetrics } from '../../services/installation/metrics/read.ts';
import { findUnreadableSecrets } from '../../services/installation/unreadable-secrets.ts';

const maxAgeMs = 10_000;

type Refusal = { status: 401 | 403; message: string };

/**
 * Serves `GET /metrics` for Prometheus: CPU, memory and event loop of this process, and figures of the installation,
 * read at most every ten seconds. Requires `ARMATURE_METRICS_TOKEN` or, if that isn't set, a request from this machine.
 */
export function mountMetrics(app: Express, deps: Deps): void {
  const metrics = createMetrics(deps);
  app.get('/metrics', async (request, response) => {
    response.set('Cache-Control', 'no-store');
    const refusal = checkAccess(request, deps.config.metricsToken);
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

/** @returns null when the request may read what is for operators. */
export function checkAccess(request: Request, token: string): Refusal | null {
  if (token) {
    const [, bearer = ''] = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '') ?? [];
    // Digests have the same length, so the comparison doesn't reveal the length of the token.
    return timingSafeEqual(digest(bearer), digest(token))
      ? null
      : { status: 401, message: 'Invalid token. Send ARMATURE_METRICS_TOKEN as "Authorization: Bearer <token>".' };
  }
  const { remoteAddress } = request.socket;
  const isProxied = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'].some(
    (name) => request.get(name) !== undefined,
  );
  const isLocal = remoteAddress !== undefined && isLoopback(remoteAddress) && !isProxied;
  // The host prevents DNS rebinding: a page could resolve its own name to this machine and read metrics in a browser.
  if (isLocal && isLoopback(getHost(request))) return null;
  return {
    status: 403,
    message: 'Metrics are only available on this machine. Set ARMATURE_METRICS_TOKEN to read them from elsewhere.',
  };
}

const isLoopback = (address: string) =>
  address === 'localhost' || address === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(address);
const getHost = (request: Request) =>
  (request.get('host') ?? '')
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();

function createMetrics(deps: Deps) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = <const L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name: `armature_${name}`, help, labelNames, registers: [registry] });

  const up = gauge('up', '1 if this scrape could read the figures of this part.', ['part']);
  const polling = gauge('worker_polling', '1 if a worker polled this queue within the last 90 seconds.', ['queue']);
  const checks = new Counter({
    name: 'armature_checks_total',
    help: 'Monitor checks since 00:00 UTC, by outcome. Resets to 0 each day. not_reached and maintenance do not count in uptime.',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  const productCalls = new Counter({
    name: 'armature_product_mcp_calls_total',
    help: 'Calls of Product MCPs since 00:00 UTC, by outcome. Resets to 0 each day.',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  const monitors = gauge('monitors', 'Tool monitors, by state, without archived ones.', ['state']);
  const overdue = gauge(
    'monitors_overdue_seconds',
    'Seconds that the most overdue active monitor has been waiting for its check. 0 if none is overdue.',
  );
  const checkLateness = gauge(
    'check_lateness_seconds',
    'Seconds from the due time of the latest batch of each monitor Schedule to its first call, over all Schedules.',
    ['quantile'],
  );
  const runs = gauge('runs_last_hour', 'Runs created within the last hour, by current status.', ['status']);
  const unfinished = gauge('runs_unfinished', 'Runs that are pending or running, of any age.', ['status']);
  const runLateness = gauge(
    'run_lateness_seconds',
    'Seconds from due time to start (or until now) of scheduled runs created in the last 15 minutes. Several tester models start 5 s apart.',
    ['quantile'],
  );
  const unsynced = gauge('schedules_unsynced', 'Temporal Schedules that have to be updated after a change.', ['kind']);
  const deliveries = gauge('deliveries_last_hour', 'Alert deliveries created within the last hour, by current state.', [
    'state',
  ]);
  const pending = gauge('deliveries_pending', 'Pending alert deliveries, of any age.');
  const oldest = gauge(
    'deliveries_pending_oldest_seconds',
    'Age of the oldest pending delivery. 0 if none is pending.',
  );
  const incidents = gauge('incidents_open', 'Open incidents, by subject and level.', ['kind', 'level']);

  const unreadable = gauge(
    'secrets_unreadable',
    'Servers and destinations whose secrets can not be opened with the configured keys, by kind.',
    ['kind'],
  );

  const setQuantiles = (metric: Gauge<'quantile'>, { p50, p95, max }: Quantiles) => {
    metric.set({ quantile: '0.5' }, p50);
    metric.set({ quantile: '0.95' }, p95);
    metric.set({ quantile: '1' }, max);
  };
  /** Removes labels that no longer occur, which would keep their last value. */
  const reset = () => {
    const labeled = [
      checks,
      productCalls,
      monitors,
      runs,
      unfinished,
      unsynced,
      deliveries,
      incidents,
      checkLateness,
      runLateness,
      unreadable,
    ];
    for (const metric of labeled) metric.reset();
    for (const metric of [overdue, pending, oldest]) metric.remove();
  };
  const setAll = (figures: Figures) => {
    for (const { label, count } of figures.checksToday) checks.inc({ outcome: label }, count);
    for (const { label, count } of figures.productCallsToday) productCalls.inc({ outcome: label }, count);
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
    setQuantiles(checkLateness, figures.tickLateness);
    setQuantiles(runLateness, figures.runLateness);
  };

  async function compute(requestId: string): Promise<string> {
    const [figures, unhosted, secrets] = await Promise.allSettled([
      readMetrics({ deps, actor: { kind: 'visitor', id: 'metrics' }, requestId }, {}),
      deps.temporal.listUnhostedQueues(),
      findUnreadableSecrets(deps),
    ]);
    for (const result of [figures, unhosted, secrets])
      if (result.status === 'rejected') deps.log.warn({ err: result.reason, requestId }, 'metrics are incomplete');
    reset();
    if (secrets.status === 'fulfilled')
      for (const [kind, label] of Object.entries({
        server: 'MCP server',
        webhook: 'webhook',
        slack: 'Slack workspace',
      }))
        unreadable.set({ kind }, secrets.value.filter((each) => each.kind === label).length);
    up.set({ part: 'postgres' }, figures.status === 'fulfilled' ? 1 : 0);
    up.set({ part: 'temporal' }, unhosted.status === 'fulfilled' ? 1 : 0);
    for (const queue of taskQueues)
      polling.set({ queue }, unhosted.status === 'fulfilled' && !unhosted.value.includes(queue) ? 1 : 0);
    if (figures.status === 'fulfilled') setAll(figures.value);
    return registry.metrics();
  }

  let last: { computedAt: number; text: Promise<string> } | null = null;
  return {
    async read(requestId: string): Promise<{ type: string; text: string }> {
      const now = performance.now();
      if (!last || now - last.computedAt > maxAgeMs) last = { computedAt: now, text: compute(requestId) };
      return { type: registry.contentType, text: await last.text };
    },
  };
}
