import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeServer } from '../../../tests/support/monitors.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import { newId } from '../../context/ids.ts';
import { createServerGate, type ServerGate } from './gate.ts';
import { createCallShares, type ServerRef } from './shares.ts';

let test: TestDeps;
let org: TestOrg;
let gates: ServerGate[];
beforeAll(async () => {
  test = await testDeps();
  org = await testOrg(test.deps);
});
afterAll(() => test?.close());
beforeEach(async () => {
  gates = [];
  return async () => {
    await Promise.all(gates.map((gate) => gate.close()));
    await test.deps.db.callShare.deleteMany({});
  };
});

const { signal } = new AbortController();

/** The gate of one more process. */
function createGate(): ServerGate {
  const gate = createServerGate({ shares: createCallShares(test.deps.db), log: test.deps.log });
  gates.push(gate);
  return gate;
}
async function serverOf(maxConcurrency: number): Promise<ServerRef> {
  const { orgId } = org;
  const { serverId } = await makeServer(test.deps, { orgId, url: 'https://shop.example.com/mcp', maxConcurrency });
  return { orgId, serverId };
}
const listShares = ({ serverId }: ServerRef) =>
  test.deps.db.callShare.findMany({ where: { serverId }, orderBy: { held: 'desc' }, select: { held: true } });

/** Work that runs until it is told to end. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let isRunning = false;
  return {
    work: () => {
      isRunning = true;
      return promise.finally(() => {
        isRunning = false;
      });
    },
    hasStarted: () => isRunning,
    end: resolve,
    fail: reject,
  };
}
/** Counts what is running over all gates. */
function counted() {
  const count = { now: 0, max: 0, done: 0 };
  const work = async () => {
    count.now++;
    count.max = Math.max(count.max, count.now);
    // The event loop turns, so that whatever may start beside it does.
    for (let turn = 0; turn < 20; turn++) await new Promise((resume) => setImmediate(resume));
    count.now--;
    count.done++;
  };
  return { count, work };
}

describe('the gate of one process', () => {
  it('lets as many run as the server allows, in the order of arrival', async () => {
    const gate = createGate();
    const server = await serverOf(2);
    const jobs = [held(), held(), held(), held()] as const;
    const started = () => jobs.map((job) => job.hasStarted());
    const done = jobs.map(({ work }) => gate.run(server, work, signal));
    await expect.poll(started).toEqual([true, true, false, false]);
    jobs[1].end('b');
    expect(await done[1]).toBe('b');
    await expect.poll(started).toEqual([true, false, true, false]);
    jobs[0].end('a');
    await expect.poll(started).toEqual([false, false, true, true]);
    jobs[2].end('c');
    jobs[3].end('d');
    expect(await Promise.all(done)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('keeps servers apart', async () => {
    const gate = createGate();
    const [shop, bank] = [await serverOf(1), await serverOf(1)];
    const [one, other] = [held(), held()];
    const done = [gate.run(shop, one.work, signal), gate.run(bank, other.work, signal)];
    await expect.poll(() => [one.hasStarted(), other.hasStarted()]).toEqual([true, true]);
    one.end('a');
    other.end('b');
    expect(await Promise.all(done)).toEqual(['a', 'b']);
  });

  it('goes on after work that failed', async () => {
    const gate = createGate();
    const server = await serverOf(1);
    const [first, second] = [held(), held()];
    const failing = gate.run(server, first.work, signal);
    const waiting = gate.run(server, second.work, signal);
    await expect.poll(() => first.hasStarted()).toBe(true);
    first.fail(new Error('down'));
    await expect(failing).rejects.toThrow('down');
    second.end('fine');
    expect(await waiting).toBe('fine');
  });

  it('never starts what was aborted while it waited, and lets the next in', async () => {
    const gate = createGate();
    const server = await serverOf(1);
    const [first, second, third] = [held(), held(), held()];
    const controller = new AbortController();
    const running = gate.run(server, first.work, signal);
    const aborted = gate.run(server, second.work, controller.signal);
    const next = gate.run(server, third.work, signal);
    const reason = new Error('canceled');
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await expect(gate.run(server, second.work, controller.signal)).rejects.toBe(reason);
    first.end('a');
    third.end('c');
    expect(await Promise.all([running, next])).toEqual(['a', 'c']);
    expect(second.hasStarted()).toBe(false);
  });

  it('leaves nothing behind once it is idle', async () => {
    const gate = createGate();
    const server = await serverOf(4);
    await gate.run(server, async () => expect(await listShares(server)).toEqual([{ held: 1 }]), signal);
    await expect.poll(() => listShares(server)).toEqual([]);
    expect(await gate.run(server, async () => 'again', signal)).toBe('again');
  });

  it('follows a changed limit while calls run', async () => {
    const gate = createGate();
    const server = await serverOf(1);
    const jobs = [held(), held(), held()] as const;
    const done = jobs.map(({ work }) => gate.run(server, work, signal));
    await expect.poll(() => jobs.filter((job) => job.hasStarted()).length).toBe(1);
    await test.deps.db.server.update({ where: { id: server.serverId }, data: { maxConcurrency: 3 } });
    await expect.poll(() => jobs.filter((job) => job.hasStarted()).length).toBe(3);
    for (const job of jobs) job.end('done');
    await Promise.all(done);
  });

  it('claims at most twice for a thousand calls in a row', async () => {
    const shares = createCallShares(test.deps.db);
    let claims = 0;
    const gate = createServerGate({
      log: test.deps.log,
      shares: {
        ...shares,
        claim: (...claim) => {
          claims++;
          return shares.claim(...claim);
        },
      },
    });
    gates.push(gate);
    const server = await serverOf(4);
    const { count, work } = counted();
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let call = 0; call < 250; call++) await gate.run(server, work, signal);
      }),
    );
    expect(count).toMatchObject({ max: 4, done: 1000 });
    // One for the first calls; a late caller may have needed another.
    expect(claims).toBeLessThanOrEqual(2);
  });
});

describe('the gates of several processes', () => {
  it.each([1, 2, 3, 5])('never let more than %i run together, and everyone has their turn', async (limit) => {
    const server = await serverOf(limit);
    const all = counted();
    const processes = Array.from({ length: 3 }, () => ({ gate: createGate(), done: 0 }));
    const ending = new AbortController();
    // Each always has more to do than the server allows.
    const loops = processes.flatMap((process) =>
      Array.from({ length: 6 }, async () => {
        while (!ending.signal.aborted) {
          await process.gate.run(server, all.work, signal);
          process.done++;
        }
      }),
    );
    await expect.poll(() => processes.every(({ done }) => done > 100)).toBe(true);
    ending.abort();
    await Promise.all(loops);
    expect(all.count.max).toBe(limit);
  });

  it('give a single call of one the next place that another frees', async () => {
    const server = await serverOf(4);
    const [busy, manual] = [createGate(), createGate()];
    const jobs = Array.from({ length: 8 }, held);
    const done = jobs.map(({ work }) => busy.run(server, work, signal));
    await expect.poll(() => jobs.filter((job) => job.hasStarted()).length).toBe(4);
    const call = held();
    const called = manual.run(server, call.work, signal);
    // A call ends as soon as the busy one knows of the other, and nothing takes its place but the other's.
    await expect.poll(async () => (await listShares(server)).length).toBe(2);
    await expect
      .poll(() => {
        jobs.find((job) => job.hasStarted())?.end('done');
        return call.hasStarted();
      })
      .toBe(true);
    call.end('called');
    expect(await called).toBe('called');
    for (const job of jobs) job.end('done');
    await Promise.all(done);
  });

  it('take over the share of a process that has died, wherever the clock was set', async () => {
    const { db } = test.deps;
    const server = await serverOf(4);
    const die = (expiresAt: Date) =>
      db.callShare.create({
        data: { ...server, processId: newId(), wanted: 4, held: 3, since: new Date(), expiresAt },
      });
    await die(new Date(Date.now() - 1000));
    // From before the clock was set back by an hour.
    await die(new Date(Date.now() + 3_600_000));
    const gate = createGate();
    const jobs = Array.from({ length: 5 }, held);
    const done = jobs.map(({ work }) => gate.run(server, work, signal));
    await expect.poll(() => jobs.filter((job) => job.hasStarted()).length).toBe(4);
    for (const job of jobs) job.end('done');
    await Promise.all(done);
    expect(await listShares(server)).toEqual([{ held: 4 }]);
  });

  it('leave a live process its share until it expires', async () => {
    const server = await serverOf(4);
    const shares = createCallShares(test.deps.db);
    expect(await shares.claim(server, { wanted: 3, active: 3 })).toMatchObject({ allowed: 3 });
    const other = createCallShares(test.deps.db);
    expect(await other.claim(server, { wanted: 4, active: 0 })).toMatchObject({ allowed: 1, held: 1 });
    // Three calls are running: none can be taken from it, but it may start no other.
    expect(await shares.claim(server, { wanted: 3, active: 3 })).toMatchObject({ allowed: 2, held: 3 });
    expect(await shares.claim(server, { wanted: 3, active: 2 })).toMatchObject({ allowed: 2, held: 2 });
    expect(await other.claim(server, { wanted: 4, active: 1 })).toMatchObject({ allowed: 2, held: 2 });
    expect(await shares.renew()).toEqual(new Map([[server.serverId, { limit: 4, isContended: true }]]));
  });

  it('claim anew when a process was taken for dead although it lives', async () => {
    const { db } = test.deps;
    const server = await serverOf(2);
    const gate = createGate();
    const jobs = [held(), held(), held()] as const;
    const done = jobs.map(({ work }) => gate.run(server, work, signal));
    await expect.poll(() => jobs.filter((job) => job.hasStarted()).length).toBe(2);
    await db.callShare.deleteMany({ where: { serverId: server.serverId } });
    await expect.poll(() => listShares(server)).toEqual([{ held: 2 }]);
    for (const job of jobs) job.end('done');
    await Promise.all(done);
  });

  it('wait while the database is away, and go on when it is back', async () => {
    const shares = createCallShares(test.deps.db);
    let isAway = true;
    let refused = 0;
    const gate = createServerGate({
      log: test.deps.log,
      shares: {
        ...shares,
        claim: async (...claim) => {
          if (!isAway) return shares.claim(...claim);
          refused++;
          throw new Error('away');
        },
      },
    });
    gates.push(gate);
    const server = await serverOf(1);
    const job = held();
    const done = gate.run(server, job.work, signal);
    await expect.poll(() => refused).toBeGreaterThan(1);
    expect(job.hasStarted()).toBe(false);
    isAway = false;
    job.end('done');
    expect(await done).toBe('done');
  });
});
