import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { freePort } from '../scripts/port.ts';
import { newId } from '../services/context/ids.ts';
import { syncMonitorSchedule } from '../services/monitor/schedule/sync.ts';
import { type Running, run, until } from '../tests/faults/process.ts';
import { type Stack, startStack } from '../tests/faults/stack.ts';
import { cpuSeconds } from './cpu.ts';
import { percentile, table } from './figures.ts';
import { type SeededServer, seedHistory, seedServer } from './seed-monitors.ts';
import { openStatements, requestStatements } from './statements.ts';

const sizes = {
  seconds: Number(process.env.ARMATURE_BENCH_SECONDS ?? 300),
  monitors: Number(process.env.ARMATURE_BENCH_MONITORS ?? 12_000),
  servers: Number(process.env.ARMATURE_BENCH_SERVERS ?? 40),
  dead: Number(process.env.ARMATURE_BENCH_DEAD ?? 50),
};
/** Monitors of each dead server. */
const deadMonitors = 30;
const shopProcesses = 2;
const bareCalls = 4000;
const pageRequests = 40;
const goals = { cpuMs: 3, latenessSeconds: 2, pageMs: 300 };

type Machine = { stack: Stack; shops: Running[]; processes: () => Record<string, number> };

/**
 * One-minute monitors through real Schedules on the whole of Armature, each process a real one: how late checks begin, what one costs, beside
 * the same calls by the SDK alone; the same with dead servers among them; and the page that lists a thousand monitors. Prints a report
 * and writes it to bench/results/monitors.json.
 */
export async function benchMonitors(): Promise<void> {
  console.log(`Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`);
  console.log(`${sizes.monitors} monitors over ${sizes.servers} servers, ${sizes.seconds} s each part`);
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
      urls.push(...(await until('the example servers are up', () => addressesIn(shop.log()), { context: shop.log })));
    }
    const each = Math.ceil(sizes.monitors / sizes.servers);
    console.log('Writing the monitors …');
    const servers: SeededServer[] = [];
    for (const url of urls) servers.push(await seedServer(stack.deps.db, { orgId: stack.orgId, url, monitors: each }));

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
    const bare = await bareClient(urls);
    await follow(stack, servers);
    const alive = await measure(machine, servers, 'All servers alive');

    const closed = await Promise.all(Array.from({ length: sizes.dead }, async () => await freePort()));
    const dead: SeededServer[] = [];
    for (const port of closed) {
      const url = `http://127.0.0.1:${port}/mcp`;
      dead.push(await seedServer(stack.deps.db, { orgId: stack.orgId, url, monitors: deadMonitors }));
    }
    await follow(stack, dead);
    const among =
      sizes.dead > 0
        ? await measure(
            machine,
            servers,
            `With ${sizes.dead} dead servers of ${deadMonitors} monitors among them`,
            dead,
          )
        : null;
    await worker.end();
    const page = await measurePage(stack, api.url);
    tellBare(bare, alive.cpuMs);
    mkdirSync('bench/results', { recursive: true });
    const report = { at: new Date().toISOString(), cores: availableParallelism(), sizes, bare, alive, among, page };
    writeFileSync('bench/results/monitors.json', `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await Promise.all(shops.map((shop) => shop.end()));
    await stack.close();
  }
}

function addressesIn(log: string): string[] | undefined {
  const line = log.split('\n').find((each) => each.startsWith('['));
  return line === undefined ? undefined : z.array(z.url()).parse(JSON.parse(line));
}

async function follow(stack: Stack, servers: readonly SeededServer[]): Promise<void> {
  for (const { serverId } of servers)
    await syncMonitorSchedule(stack.deps, { orgId: stack.orgId, serverId, intervalSeconds: 60 });
}

/** Waits until each server has had a tick, then looks at the ticks of so many seconds. */
async function measure(
  { stack, processes }: Machine,
  servers: readonly SeededServer[],
  title: string,
  dead: readonly SeededServer[] = [],
) {
  const { db } = stack.deps;
  const { orgId } = stack;
  const all = [...servers, ...dead].map(({ serverId }) => serverId);
  await until(
    'every server has had a tick',
    async () => {
      const [row] = await db.$queryRaw<{ count: bigint }[]>`
        SELECT count(DISTINCT m."serverId") FROM "MonitorHealth" h JOIN "Monitor" m ON m."orgId" = h."orgId" AND m."id" = h."monitorId"
        WHERE h."orgId" = ${orgId}::uuid AND m."serverId" = ANY(${all}::uuid[])`;
      return Number(row?.count) === all.length;
    },
    { seconds: 150, everyMs: 1000 },
  );
  const statements = await openStatements(stack.ownerUrl);
  await statements.reset();
  const from = new Date();
  const before = cpuOf(processes());
  await sleep(sizes.seconds * 1000);
  const after = cpuOf(processes());
  const memory = memoryOf(processes());
  const untilTime = new Date();
  const { statements: found } = await statements.read();
  await statements.close();
  // Those of the last ticks are still being made.
  await sleep(10_000);

  const range = { from: from.toISOString(), until: untilTime.toISOString() };
  const rows = await db.$queryRaw<{ outcome: string; errorKind: string | null; count: bigint }[]>`
    SELECT "outcome", "errorKind", count(*) FROM "Check"
    WHERE "orgId" = ${orgId}::uuid AND "scheduledAt" >= ${range.from}::timestamptz AND "scheduledAt" < ${range.until}::timestamptz
    GROUP BY 1, 2 ORDER BY 3 DESC`;
  const count = rows.reduce((sum, row) => sum + Number(row.count), 0);
  const outcomes = Object.fromEntries(rows.map((row) => [row.errorKind ?? row.outcome, Number(row.count)]));
  const ids = servers.flatMap(({ monitorIds }) => monitorIds);
  const [late] = await db.$queryRaw<{ late: number[]; latency: number[] }[]>`
    SELECT percentile_cont(ARRAY[0.5, 0.95, 0.99, 1]) WITHIN GROUP (ORDER BY extract(epoch FROM "startedAt" - "scheduledAt")::float8) AS late,
      percentile_cont(ARRAY[0.5, 0.95, 0.99, 1]) WITHIN GROUP (ORDER BY "latencyMs"::float8) AS latency
    FROM "Check" WHERE "orgId" = ${orgId}::uuid AND "monitorId" = ANY(${ids}::uuid[])
      AND "scheduledAt" >= ${range.from}::timestamptz AND "scheduledAt" < ${range.until}::timestamptz AND "startedAt" IS NOT NULL`;
  if (!late || count === 0) throw new Error('No check was made.');
  const expected =
    ((servers.length * (servers[0]?.monitorIds.length ?? 0) + dead.length * deadMonitors) * sizes.seconds) / 60;
  const spent = Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]));
  const ours = Object.entries(spent).filter(([name]) => !name.startsWith('example'));
  const cpuMs = (ours.reduce((sum, [, value]) => sum + value, 0) / count) * 1000;
  const [p50 = 0, p95 = 0, , most = 0] = late.late;

  console.log(
    `\n${title}: ${count} checks in ${sizes.seconds} s (${Math.round(expected)} were due), ${JSON.stringify(outcomes)}\n`,
  );
  const seconds = (value: number) => `${value.toFixed(2)} s`;
  console.log(
    `late by: median ${seconds(p50)}, p95 ${seconds(p95)}, at most ${seconds(most)} (goal p95 ≤ ${goals.latenessSeconds} s: ${p95 <= goals.latenessSeconds ? 'reached' : 'missed'})`,
  );
  console.log(
    `latency of the calls: ${late.latency.map((value) => `${value.toFixed(0)} ms`).join(', ')} (median, p95, p99, most)\n`,
  );
  console.log(
    table([
      ['', 'CPU ms a check', 'cores', 'memory MB'],
      ...Object.entries(spent).map(([name, value]) => [
        name,
        ((value / count) * 1000).toFixed(2),
        (value / sizes.seconds).toFixed(2),
        String(Math.round(memory[name] ?? 0)),
      ]),
      ['ours together', cpuMs.toFixed(2), '', ''],
    ]),
  );
  console.log(`goal ≤ ${goals.cpuMs} ms a check: ${cpuMs <= goals.cpuMs ? 'reached' : 'missed'}`);
  const executed = found.reduce((sum, { seconds: taken }) => sum + taken, 0);
  console.log(
    `SQL: ${(found.reduce((sum, { calls }) => sum + calls, 0) / count).toFixed(3)} statements a check, ${((executed / count) * 1000).toFixed(2)} ms of execution\n`,
  );
  const costly = [...found].sort((a, b) => b.seconds - a.seconds).slice(0, 6);
  console.log(
    table([
      ['costliest statements', 'times', 'ms each'],
      ...costly.map(({ query, calls, seconds: taken }) => [
        query.replace(/\s+/g, ' ').slice(0, 60),
        String(calls),
        ((taken / calls) * 1000).toFixed(2),
      ]),
    ]),
  );
  return { count, expected, outcomes, lateness: late.late, latency: late.latency, cpuMs, cpu: spent, memory };
}

const cpuOf = (pids: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuSeconds(pid)]));

/** Resident memory of each process alone, in MB. */
const memoryOf = (pids: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(pids).map(([name, pid]) => {
      const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return [name, Number(kilobytes ?? 0) / 1024];
    }),
  );

/** The same calls by the SDK alone, four at once, in this process. */
async function bareClient(urls: readonly string[]): Promise<{ calls: number; cpuMs: number }> {
  const clients = await Promise.all(
    urls.slice(0, 4).map(async (url) => {
      const client = new Client({ name: 'bare', version: '1' }, { versionNegotiation: { mode: 'auto' } });
      await client.connect(new StreamableHTTPClientTransport(new URL(url)));
      return client;
    }),
  );
  const lane = async (client: Client, count: number) => {
    for (let index = 0; index < count; index++)
      await client.callTool({ name: 'check_stock', arguments: { sku: 'MUG-001', reference: `bare-${index}` } });
  };
  await Promise.all(clients.map((client) => lane(client, 100)));
  const before = process.cpuUsage();
  await Promise.all(clients.map((client) => lane(client, bareCalls / clients.length)));
  const { user, system } = process.cpuUsage(before);
  await Promise.all(clients.map((client) => client.close()));
  return { calls: bareCalls, cpuMs: (user + system) / 1000 / bareCalls };
}

function tellBare({ cpuMs }: { cpuMs: number }, ours: number): void {
  console.log(
    `\nA bare SDK client needs ${cpuMs.toFixed(2)} ms a call; a check, ${(ours / cpuMs).toFixed(1)} times that over all our processes`,
  );
}

/** The page that lists a workspace's thousand monitors, from the request to its last byte, one after the other. */
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
  const cookie = signedIn?.cookies.map((each) => each.split(';')[0]).join('; ') ?? '';
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
    `\nThe page of 1,000 monitors, to its last byte (${Math.round(bytes / 1024)} kB): median ${median.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms (goal ≤ ${goals.pageMs} ms: ${p95 <= goals.pageMs ? 'reached' : 'missed'})`,
  );
  return { median, p95, bytes };
}
