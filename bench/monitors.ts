import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { findFreePort } from '../scripts/port.ts';
import { newId } from '../services/context/ids.ts';
import { syncMonitorSchedule } from '../services/monitor/schedule/sync.ts';
import { type Running, run, until } from '../tests/faults/process.ts';
import { type Stack, startStack } from '../tests/faults/stack.ts';
import { readCpuSeconds } from './cpu.ts';
import { formatTable, percentile } from './figures.ts';
import { type SeededServer, seedHistory, seedServer } from './seed-monitors.ts';
import { openStatements, requestStatements, type Statement } from './statements.ts';

const sizes = {
  seconds: Number(process.env.ARMATURE_BENCH_SECONDS ?? 300),
  monitors: Number(process.env.ARMATURE_BENCH_MONITORS ?? 12_000),
  servers: Number(process.env.ARMATURE_BENCH_SERVERS ?? 40),
  dead: Number(process.env.ARMATURE_BENCH_DEAD ?? 50),
};
const monitorsPerDeadServer = 30;
const shopProcesses = 2;
const bareCalls = 4000;
const pageRequests = 40;
const goals = { maxCpuMs: 3, maxLatenessSeconds: 2, maxPageMs: 300 };

type Machine = { stack: Stack; shops: Running[]; processes: () => Record<string, number> };

/**
 * Measures one-minute monitors on real processes: lateness and cost of checks, without and with dead servers, and the
 * page of 1,000 monitors. Prints a report and writes it to bench/results/monitors.json.
 */
export async function benchMonitors(): Promise<void> {
  console.log(`Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`);
  console.log(`${sizes.monitors} monitors on ${sizes.servers} servers, ${sizes.seconds} s per part`);
  const stack = await startStack();
  const shops: Running[] = [];
  try {
    await requestStatements(stack.ownerUrl);
    await stack.postgres().stop();
    await stack.restartPostgres();
    const urls: string[] = [];
    for (let index = 0; index < shopProcesses; index++) {
      const share = Math.ceil((sizes.servers - urls.length) / (shopProcesses - index));
      const shop = run(`example servers ${index + 1}`, 'bench/shops.ts', process.env, [String(share)]);
      shops.push(shop);
      urls.push(...(await until('the example servers are up', () => parseUrls(shop.log()), { context: shop.log })));
    }
    const monitors = Math.ceil(sizes.monitors / sizes.servers);
    console.log('Writing the monitors …');
    const servers: SeededServer[] = [];
    for (const url of urls) servers.push(await seedServer(stack.deps.db, { orgId: stack.orgId, url, monitors }));

    const worker = stack.startWorker();
    const api = await stack.startApi();
    const processes = () => ({
      postgres: stack.postgres().pid,
      temporal: stack.temporal().pid,
      worker: worker.pid,
      api: api.pid,
      ...Object.fromEntries(shops.map(({ name, pid }) => [name, pid])),
    });
    const machine = { stack, shops, processes };
    const bare = await measureBareClient(urls);
    await syncSchedules(stack, servers);
    const alive = await measure(machine, { title: 'All servers alive', servers, dead: [] });

    const closedPorts = await Promise.all(Array.from({ length: sizes.dead }, async () => await findFreePort()));
    const dead: SeededServer[] = [];
    for (const port of closedPorts) {
      const url = `http://127.0.0.1:${port}/mcp`;
      dead.push(await seedServer(stack.deps.db, { orgId: stack.orgId, url, monitors: monitorsPerDeadServer }));
    }
    await syncSchedules(stack, dead);
    const title = `With ${sizes.dead} dead servers of ${monitorsPerDeadServer} monitors`;
    const withDead = sizes.dead > 0 ? await measure(machine, { title, servers, dead }) : null;
    await worker.end();
    const page = await measurePage(stack, api.url);
    console.log(
      `\nA bare SDK client takes ${bare.cpuMs.toFixed(2)} ms of CPU per call. A check takes ${(alive.cpuMs / bare.cpuMs).toFixed(1)} times as much, in all our processes.`,
    );
    mkdirSync('bench/results', { recursive: true });
    const report = { at: new Date().toISOString(), cores: availableParallelism(), sizes, bare, alive, withDead, page };
    writeFileSync('bench/results/monitors.json', `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await Promise.all(shops.map((shop) => shop.end()));
    await stack.close();
  }
}

function parseUrls(log: string): string[] | undefined {
  const json = log.split('\n').find((line) => line.startsWith('['));
  return json === undefined ? undefined : z.array(z.url()).parse(JSON.parse(json));
}

async function syncSchedules(stack: Stack, servers: readonly SeededServer[]): Promise<void> {
  for (const { serverId } of servers)
    await syncMonitorSchedule(stack.deps, { orgId: stack.orgId, serverId, intervalSeconds: 60 });
}

type Part = { title: string; servers: readonly SeededServer[]; dead: readonly SeededServer[] };
type TimeRange = { from: Date; until: Date };

/** Waits until each server has had a batch, measures for `sizes.seconds`, and prints the figures. */
async function measure({ stack, processes }: Machine, { title, servers, dead }: Part) {
  await waitForFirstBatches(stack, [...servers, ...dead]);
  const counter = await openStatements(stack.ownerUrl);
  await counter.reset();
  const from = new Date();
  const before = readCpu(processes());
  await sleep(sizes.seconds * 1000);
  const after = readCpu(processes());
  const memory = readMemory(processes());
  const range = { from, until: new Date() };
  const { statements } = await counter.read();
  await counter.close();
  // Waits for the checks of the last batches.
  await sleep(10_000);

  const { count, outcomes } = await countChecks(stack, range);
  const { lateness, latency } = await readLateness(stack, servers, range);
  const monitors = [...servers, ...dead].reduce((sum, { monitorIds }) => sum + monitorIds.length, 0);
  const expected = (monitors * sizes.seconds) / 60;
  const cpu = Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]));
  const ours = Object.entries(cpu).filter(([name]) => !name.startsWith('example'));
  const cpuMs = (ours.reduce((sum, [, value]) => sum + value, 0) / count) * 1000;

  console.log(
    `\n${title}: ${count} checks in ${sizes.seconds} s (${Math.round(expected)} were due), ${JSON.stringify(outcomes)}\n`,
  );
  printLateness(lateness, latency);
  printCpu(cpu, { count, cpuMs, memory });
  printStatements(statements, count);
  return { count, expected, outcomes, lateness, latency, cpuMs, cpu, memory };
}

async function waitForFirstBatches({ deps, orgId }: Stack, servers: readonly SeededServer[]): Promise<void> {
  const serverIds = servers.map(({ serverId }) => serverId);
  await until(
    'every server has had a batch',
    async () => {
      const [row] = await deps.db.$queryRaw<{ count: bigint }[]>`
        SELECT count(DISTINCT m."serverId") FROM "MonitorHealth" h JOIN "Monitor" m ON m."orgId" = h."orgId" AND m."id" = h."monitorId"
        WHERE h."orgId" = ${orgId}::uuid AND m."serverId" = ANY(${serverIds}::uuid[])`;
      return Number(row?.count) === serverIds.length;
    },
    { seconds: 150, everyMs: 1000 },
  );
}

/** Counts the checks that were due in the range, by outcome or kind of error. */
async function countChecks({ deps, orgId }: Stack, { from, until: end }: TimeRange) {
  const rows = await deps.db.$queryRaw<{ outcome: string; errorKind: string | null; count: bigint }[]>`
    SELECT "outcome", "errorKind", count(*) FROM "Check"
    WHERE "orgId" = ${orgId}::uuid
      AND "scheduledAt" >= ${from.toISOString()}::timestamptz AND "scheduledAt" < ${end.toISOString()}::timestamptz
    GROUP BY 1, 2 ORDER BY 3 DESC`;
  const count = rows.reduce((sum, row) => sum + Number(row.count), 0);
  if (count === 0) throw new Error('No checks were made.');
  return { count, outcomes: Object.fromEntries(rows.map((row) => [row.errorKind ?? row.outcome, Number(row.count)])) };
}

/** Reads median, p95, p99 and maximum of lateness (seconds) and latency (milliseconds) of checks due in the range. */
async function readLateness({ deps, orgId }: Stack, servers: readonly SeededServer[], { from, until: end }: TimeRange) {
  const ids = servers.flatMap(({ monitorIds }) => monitorIds);
  const [row] = await deps.db.$queryRaw<{ lateness: number[]; latency: number[] }[]>`
    SELECT percentile_cont(ARRAY[0.5, 0.95, 0.99, 1]) WITHIN GROUP (ORDER BY extract(epoch FROM "startedAt" - "scheduledAt")::float8) AS lateness,
      percentile_cont(ARRAY[0.5, 0.95, 0.99, 1]) WITHIN GROUP (ORDER BY "latencyMs"::float8) AS latency
    FROM "Check" WHERE "orgId" = ${orgId}::uuid AND "monitorId" = ANY(${ids}::uuid[])
      AND "scheduledAt" >= ${from.toISOString()}::timestamptz AND "scheduledAt" < ${end.toISOString()}::timestamptz
      AND "startedAt" IS NOT NULL`;
  if (!row) throw new Error('No checks were made.');
  return row;
}

function printLateness([p50 = 0, p95 = 0, , max = 0]: readonly number[], latency: readonly number[]): void {
  const format = (seconds: number) => `${seconds.toFixed(2)} s`;
  const isReached = p95 <= goals.maxLatenessSeconds;
  console.log(
    `Lateness: median ${format(p50)}, p95 ${format(p95)}, max ${format(max)} (goal p95 ≤ ${goals.maxLatenessSeconds} s: ${isReached ? 'reached' : 'missed'})`,
  );
  console.log(
    `Latency of the calls: ${latency.map((value) => `${value.toFixed(0)} ms`).join(', ')} (median, p95, p99, max)\n`,
  );
}

function printCpu(
  cpu: Record<string, number>,
  { count, cpuMs, memory }: { count: number; cpuMs: number; memory: Record<string, number> },
): void {
  console.log(
    formatTable([
      ['', 'CPU ms per check', 'cores', 'memory MB'],
      ...Object.entries(cpu).map(([name, value]) => [
        name,
        ((value / count) * 1000).toFixed(2),
        (value / sizes.seconds).toFixed(2),
        String(Math.round(memory[name] ?? 0)),
      ]),
      ['our processes', cpuMs.toFixed(2), '', ''],
    ]),
  );
  console.log(`Goal ≤ ${goals.maxCpuMs} ms per check: ${cpuMs <= goals.maxCpuMs ? 'reached' : 'missed'}`);
}

function printStatements(statements: readonly Statement[], count: number): void {
  const calls = statements.reduce((sum, statement) => sum + statement.calls, 0);
  const seconds = statements.reduce((sum, statement) => sum + statement.seconds, 0);
  console.log(
    `SQL: ${(calls / count).toFixed(3)} statements per check, ${((seconds / count) * 1000).toFixed(2)} ms of execution\n`,
  );
  const costliest = [...statements].sort((a, b) => b.seconds - a.seconds).slice(0, 6);
  console.log(
    formatTable([
      ['costliest statements', 'times', 'ms each'],
      ...costliest.map((statement) => [
        statement.query.replace(/\s+/g, ' ').slice(0, 60),
        String(statement.calls),
        ((statement.seconds / statement.calls) * 1000).toFixed(2),
      ]),
    ]),
  );
}

const readCpu = (pids: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, readCpuSeconds(pid)]));

/** Reads the resident memory of each process without its children, in MB. */
const readMemory = (pids: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(pids).map(([name, pid]) => {
      const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return [name, Number(kilobytes ?? 0) / 1024];
    }),
  );

/** Makes the same calls with only the SDK, four in parallel, in this process. */
async function measureBareClient(urls: readonly string[]): Promise<{ calls: number; cpuMs: number }> {
  const clients = await Promise.all(
    urls.slice(0, 4).map(async (url) => {
      const client = new Client({ name: 'bare', version: '1' }, { versionNegotiation: { mode: 'auto' } });
      await client.connect(new StreamableHTTPClientTransport(new URL(url)));
      return client;
    }),
  );
  const makeCalls = async (client: Client, count: number) => {
    for (let index = 0; index < count; index++)
      await client.callTool({ name: 'check_stock', arguments: { sku: 'MUG-001', reference: `bare-${index}` } });
  };
  await Promise.all(clients.map((client) => makeCalls(client, 100)));
  const before = process.cpuUsage();
  await Promise.all(clients.map((client) => makeCalls(client, bareCalls / clients.length)));
  const { user, system } = process.cpuUsage(before);
  await Promise.all(clients.map((client) => client.close()));
  return { calls: bareCalls, cpuMs: (user + system) / 1000 / bareCalls };
}

/** Measures the page of a workspace with 1,000 monitors, from the request to the last byte. */
async function measurePage(stack: Stack, apiUrl: string) {
  const { db, auth } = stack.deps;
  const orgId = newId();
  const { actor } = stack.ctx;
  await db.organization.create({ data: { id: orgId, slug: 'thousand', name: 'A thousand monitors' } });
  await db.member.create({ data: { orgId, userId: actor.id, role: 'owner' } });
  for (let index = 0; index < 10; index++)
    await seedServer(db, { orgId, url: `http://127.0.0.1:${1000 + index}/mcp`, monitors: 100, schedule: false });
  await seedHistory(db, { orgId });
  await db.$executeRaw`ANALYZE`;

  const password = newId();
  await db.account.create({
    data: {
      id: newId(),
      userId: actor.id,
      accountId: actor.id,
      providerId: 'credential',
      password: await auth.hashPassword(password),
    },
  });
  const visit = { cookie: '', address: '127.0.0.1', userAgent: 'bench' };
  const signedIn = await auth.signIn({ email: 'owner@armature.test', password }, visit);
  const cookie = signedIn?.cookies.map((setCookie) => setCookie.split(';')[0]).join('; ') ?? '';
  const url = `${apiUrl}/o/thousand/monitors`;
  const times: number[] = [];
  let bytes = 0;
  for (let index = -5; index < pageRequests; index++) {
    const from = performance.now();
    const response = await fetch(url, { headers: { cookie } });
    const html = await response.text();
    if (!response.ok || !html.includes('check_stock')) throw new Error(`${url} was answered ${response.status}`);
    if (index < 0) continue;
    times.push(performance.now() - from);
    bytes = html.length;
  }
  const [median, p95] = [percentile(times, 0.5), percentile(times, 0.95)];
  console.log(
    `\nThe page of 1,000 monitors, to the last byte (${Math.round(bytes / 1024)} kB): median ${median.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms (goal ≤ ${goals.maxPageMs} ms: ${p95 <= goals.maxPageMs ? 'reached' : 'missed'})`,
  );
  return { median, p95, bytes };
}
