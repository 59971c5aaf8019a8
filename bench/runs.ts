import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { z } from 'zod';
import { temporalNames } from '../domain/run/ids.ts';
import { isTerminal, runStatuses } from '../domain/run/run.ts';
import { findFreePort } from '../scripts/port.ts';
import { newId } from '../services/context/ids.ts';
import { run, until } from '../tests/faults/process.ts';
import { type Stack, startStack } from '../tests/faults/stack.ts';
import { runBareLoop } from './bare-loop.ts';
import { readCpuSeconds } from './cpu.ts';
import { formatMs, formatTable, percentile } from './figures.ts';
import { openStatements, requestStatements, type Statement } from './statements.ts';

const warmUps = 5;
const samples = 40;
const concurrency = 20;
const sustainedSeconds = Number(process.env.ARMATURE_BENCH_SECONDS ?? 40);
const goals = { maxOverheadSeconds: 0.5, minRunsPerSecond: 10 };

const prompt = [
  'call search_products {"query": "mug"}',
  'call check_stock {"sku": "$1.products.0.sku"}',
  'call create_order {"sku": "$1.products.0.sku", "quantity": 1, "reference": "{{run.id}}"}',
  'call get_order {"order_id": "$3.order_id"}',
  'call list_orders {"reference": "{{run.id}}"}',
].join('\n');
const criteria = [
  { text: 'calls `create_order` exactly once', isRequired: true },
  { text: '`list_orders` result field `total` equals 1', isRequired: true },
  { text: 'no tool call fails', isRequired: true },
];

type Machine = {
  stack: Stack;
  shopUrl: string;
  workflowId: string;
  /** @returns ids of all processes, by name. */
  processes: () => Record<string, number>;
};

/**
 * Measures, on real processes, a scripted run of five calls in turns with the same calls in a bare loop, and runs per
 * second at concurrency 20. Prints a report and writes it to bench/results/runs.json.
 */
export async function benchRuns(): Promise<void> {
  console.log(`Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`);
  console.log('Starting Postgres, Temporal, worker, api and the example server …');
  const stack = await startStack();
  try {
    await requestStatements(stack.ownerUrl);
    await stack.postgres().stop();
    await stack.restartPostgres();
    const shopPort = await findFreePort();
    const shop = run('example server', 'examples/shop-server/main.ts', {
      ...process.env,
      ARMATURE_EXAMPLE_PORT: String(shopPort),
    });
    try {
      await until('the example server is up', async () => (await fetch(`http://127.0.0.1:${shopPort}/healthz`)).ok, {
        context: shop.log,
      });
      const shopUrl = `http://127.0.0.1:${shopPort}/mcp`;
      const worker = stack.startWorker();
      const api = await stack.startApi();
      const serverId = await stack.connect(shopUrl);
      await stack.deps.db.server.updateMany({
        where: { orgId: stack.orgId, id: serverId },
        // The default of four would limit the measured rate.
        data: { maxConcurrency: 50 },
      });
      const workflowId = await stack.workflow(serverId, { name: 'Five calls', prompt, criteria });
      const processes = () => ({
        postgres: stack.postgres().pid,
        temporal: stack.temporal().pid,
        worker: worker.pid,
        api: api.pid,
        'example server': shop.pid,
      });
      const machine = { stack, shopUrl, workflowId, processes };
      const overhead = await measureOverhead(machine);
      const sustained = await measureSustained(machine);
      mkdirSync('bench/results', { recursive: true });
      const report = { at: new Date().toISOString(), cores: availableParallelism(), overhead, sustained };
      writeFileSync('bench/results/runs.json', `${JSON.stringify(report, null, 2)}\n`);
    } finally {
      await shop.end();
    }
  } finally {
    await stack.close();
  }
}

/** Alternates runs and bare loops, so that other load on the machine affects both equally. */
async function measureOverhead({ stack, shopUrl, workflowId }: Machine) {
  const armature: number[] = [];
  const bare: number[] = [];
  const counter = await openStatements(stack.ownerUrl);
  for (let index = -warmUps; index < samples; index += 1) {
    if (index === 0) await counter.reset();
    const loopFrom = performance.now();
    await runBareLoop(shopUrl, newId());
    const loopSeconds = (performance.now() - loopFrom) / 1000;

    const from = performance.now();
    const runId = await stack.dispatch(workflowId);
    await waitUntilTerminal(stack, [runId]);
    const seconds = (performance.now() - from) / 1000;
    if (index < 0) continue;
    bare.push(loopSeconds);
    armature.push(seconds);
  }
  const { statements: allStatements, transactions } = await counter.read();
  await counter.close();
  const history = await countHistoryEvents(stack, await stack.dispatch(workflowId));
  const statements = allStatements.filter(({ query }) => !query.includes(pollMark));
  printOverhead(armature, bare);
  printCosts(history, statements);
  const statementsPerRun = addUp(statements, 'calls') / samples;
  return { bare, armature, history, statementsPerRun, transactionsWithPolls: transactions / samples };
}

/** @param armature seconds of each run. @param bare seconds of each bare loop. */
function printOverhead(armature: readonly number[], bare: readonly number[]): void {
  const row = (name: string, values: readonly number[]) => [
    name,
    formatMs(percentile(values, 0.5)),
    formatMs(percentile(values, 0.95)),
  ];
  const overhead = percentile(armature, 0.5) - percentile(bare, 0.5);
  const overhead95 = percentile(armature, 0.95) - percentile(bare, 0.95);
  const ratio = percentile(armature, 0.5) / percentile(bare, 0.5);
  console.log(`\nA scripted run of five calls, ${samples} times, one after the other\n`);
  console.log(
    formatTable([
      ['', 'median', 'p95'],
      row('bare SDK loop: connect, tools/list, 5 calls, close', bare),
      row('Armature: dispatch to terminal row, graded', armature),
      ['overhead', formatMs(overhead), formatMs(overhead95)],
    ]),
  );
  console.log(
    `\nRatio ${ratio.toFixed(1)}, overhead goal ≤ ${formatMs(goals.maxOverheadSeconds)}: ${overhead <= goals.maxOverheadSeconds ? 'reached' : 'missed'}`,
  );
}

/** @param history count of events by kind. @param statements of all samples, without the polls of this benchmark. */
function printCosts(history: Record<string, number>, statements: readonly Statement[]): void {
  const perRun = (value: number) => (value / samples).toFixed(1);
  const msPerRun = (seconds: number, digits: number) => ((seconds / samples) * 1000).toFixed(digits);
  console.log(`\nCosts of one run\n`);
  console.log(
    `Temporal: ${Object.entries(history)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ')}`,
  );
  console.log(
    `SQL: ${perRun(addUp(statements, 'calls'))} statements (without polls of this benchmark), ${msPerRun(addUp(statements, 'seconds'), 1)} ms of execution\n`,
  );
  console.log(
    formatTable([
      ['statements', 'per run', 'ms per run'],
      ...groupByTable(statements)
        .slice(0, 16)
        .map(({ label, calls, seconds }) => [label, perRun(calls), msPerRun(seconds, 2)]),
    ]),
  );
}

const addUp = (statements: readonly Statement[], field: 'calls' | 'seconds'): number =>
  statements.reduce((total, statement) => total + statement[field], 0);

/** Adds up statements with the same verbs and tables, the most frequent first. */
function groupByTable(statements: readonly Statement[]): { label: string; calls: number; seconds: number }[] {
  const sums = new Map<string, { label: string; calls: number; seconds: number }>();
  for (const { query, calls, seconds } of statements) {
    const parts = [...query.matchAll(/(INSERT INTO|UPDATE|DELETE FROM|FROM|JOIN)\s+(?:"public"\.)?("?[A-Za-z_]\w*"?)/g)]
      // Names in lower case are aliases within the statement.
      .filter(([, , table]) => table !== undefined && /^"?[A-Z]/.test(table))
      .map(
        ([, verb, table]) =>
          `${verb === 'FROM' || verb === 'JOIN' ? 'read' : verb?.split(' ')[0]?.toLowerCase()} ${table?.replaceAll('"', '')}`,
      );
    const label = [...new Set(parts)].join(', ') || query.slice(0, 40);
    const sum = sums.get(label) ?? { label, calls: 0, seconds: 0 };
    sums.set(label, { label, calls: sum.calls + calls, seconds: sum.seconds + seconds });
  }
  return [...sums.values()].sort((a, b) => b.calls - a.calls);
}

/** Keeps `concurrency` runs running and counts the rows that become terminal within `sustainedSeconds`. */
async function measureSustained({ stack, workflowId, processes }: Machine) {
  const { db } = stack.deps;
  const open = new Set<string>();
  const fill = async () => {
    const missing = concurrency - open.size;
    const started = await Promise.all(Array.from({ length: missing }, () => stack.dispatch(workflowId)));
    for (const runId of started) open.add(runId);
  };
  const drain = async () => {
    for (const runId of await waitUntilTerminal(stack, [...open])) open.delete(runId);
  };

  const warmUpEnd = performance.now() + 3_000;
  while (performance.now() < warmUpEnd) {
    await fill();
    await drain();
  }
  const cpuBefore = readCpu(processes());
  const startedAt = new Date();
  const from = performance.now();
  while (performance.now() - from < sustainedSeconds * 1000) {
    await fill();
    await drain();
  }
  const seconds = (performance.now() - from) / 1000;
  const endedAt = new Date();
  const cpuAfter = readCpu(processes());
  while (open.size) await drain();

  const rows = await db.run.groupBy({
    by: ['status'],
    where: { orgId: stack.orgId, workflowId, finishedAt: { gte: startedAt, lt: endedAt } },
    _count: { _all: true },
  });
  const ended = rows.reduce((sum, { _count }) => sum + _count._all, 0);
  const latencies = await db.run.findMany({
    where: { orgId: stack.orgId, workflowId, finishedAt: { gte: startedAt, lt: endedAt } },
    select: { createdAt: true, finishedAt: true },
  });
  const durations = latencies.map(
    ({ createdAt, finishedAt }) => ((finishedAt?.getTime() ?? 0) - createdAt.getTime()) / 1000,
  );
  const rate = ended / seconds;
  console.log(
    `\nSustained: ${concurrency} concurrent runs of five calls for ${seconds.toFixed(0)} s, counted at the terminal row\n`,
  );
  console.log(
    `${rate.toFixed(1)} runs per second (${rows.map(({ status, _count }) => `${_count._all} ${status}`).join(', ')}), from row to terminal row: median ${formatMs(percentile(durations, 0.5))}, p95 ${formatMs(percentile(durations, 0.95))}`,
  );
  console.log(
    `Goal ≥ ${goals.minRunsPerSecond} runs per second: ${rate >= goals.minRunsPerSecond ? 'reached' : 'missed'}\n`,
  );
  const cpu = Object.fromEntries(
    Object.entries(cpuAfter).map(([name, value]) => [name, value - (cpuBefore[name] ?? 0)]),
  );
  const total = Object.values(cpu).reduce((sum, value) => sum + value, 0);
  console.log(
    formatTable([
      ['CPU', 'ms per run', 'share', 'cores'],
      ...Object.entries({ ...cpu, total }).map(([name, value]) => [
        name,
        ((value / ended) * 1000).toFixed(1),
        `${((value / total) * 100).toFixed(0)} %`,
        (value / seconds).toFixed(2),
      ]),
    ]),
  );
  return { rate, seconds, ended, statuses: rows, cpuSecondsPerRun: total / ended, cpu };
}

function readCpu(pids: Record<string, number>): Record<string, number> {
  const seconds = Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, readCpuSeconds(pid)]));
  const { user, system } = process.cpuUsage();
  // Not `readCpuSeconds`, which would include the other processes: they are children of this one.
  return { ...seconds, 'dispatcher (this process)': (user + system) / 1e6 };
}

/** A column alias that marks the polls of this benchmark in the statistics. */
const pollMark = 'bench_poll';

/** Waits until at least one of the runs is terminal. @returns those that are. */
async function waitUntilTerminal({ deps: { db }, orgId }: Stack, runIds: string[]): Promise<string[]> {
  const status = z.enum(runStatuses);
  return until(
    'a run ends',
    async () => {
      const rows = await db.$queryRaw<{ bench_poll: string; status: string }[]>`
        SELECT id AS bench_poll, status FROM "Run" WHERE "orgId" = ${orgId}::uuid AND id = ANY(${runIds}::uuid[])`;
      const ended = rows.filter((row) => isTerminal(status.parse(row.status))).map((row) => row.bench_poll);
      return ended.length > 0 && ended;
    },
    { everyMs: runIds.length === 1 ? 3 : 15, seconds: 120 },
  );
}

/** Counts the events in a run's Temporal history that cost a round trip, by kind. */
async function countHistoryEvents(stack: Stack, runId: string): Promise<Record<string, number>> {
  await stack.finished(runId);
  const id = temporalNames(stack.config.installation).run(runId);
  const handle = stack.deps.temporal.client.workflow.getHandle(id);
  await handle.result();
  const events = (await handle.fetchHistory()).events ?? [];
  return {
    'history events': events.length,
    'workflow tasks': events.filter((event) => event.workflowTaskCompletedEventAttributes).length,
    activities: events.filter((event) => event.activityTaskCompletedEventAttributes).length,
  };
}
