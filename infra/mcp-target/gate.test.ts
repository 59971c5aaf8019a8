import { describe, expect, it } from 'vitest';
import { createServerGate } from './index.ts';

const signal = new AbortController().signal;

/** Work that runs until it is told to end. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let isRunning = false;
  return {
    work: () => {
      isRunning = true;
      return promise;
    },
    running: () => isRunning,
    end: resolve,
    fail: reject,
  };
}

describe('the gate of a server', () => {
  it('lets so many in at once, in the order in which they came', async () => {
    const gate = createServerGate();
    const jobs = [held(), held(), held(), held()] as const;
    const done = jobs.map(({ work }) => gate.run('shop', 2, work, signal));
    await expect.poll(() => jobs.map((job) => job.running())).toEqual([true, true, false, false]);
    jobs[1].end('b');
    expect(await done[1]).toBe('b');
    await expect.poll(() => jobs.map((job) => job.running())).toEqual([true, true, true, false]);
    jobs[0].end('a');
    await expect.poll(() => jobs[3].running()).toBe(true);
    jobs[2].end('c');
    jobs[3].end('d');
    expect(await Promise.all(done)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('keeps servers apart', async () => {
    const gate = createServerGate();
    const [one, other] = [held(), held()];
    const done = [gate.run('shop', 1, one.work, signal), gate.run('bank', 1, other.work, signal)];
    await expect.poll(() => [one.running(), other.running()]).toEqual([true, true]);
    one.end('a');
    other.end('b');
    expect(await Promise.all(done)).toEqual(['a', 'b']);
  });

  it('goes on after work that failed', async () => {
    const gate = createServerGate();
    const [first, second] = [held(), held()];
    const failing = gate.run('shop', 1, first.work, signal);
    const waiting = gate.run('shop', 1, second.work, signal);
    first.fail(new Error('down'));
    await expect(failing).rejects.toThrow('down');
    second.end('fine');
    expect(await waiting).toBe('fine');
  });

  it('never starts what was given up while it waited, and lets the next in', async () => {
    const gate = createServerGate();
    const [first, second, third] = [held(), held(), held()];
    const controller = new AbortController();
    const running = gate.run('shop', 1, first.work, signal);
    const givenUp = gate.run('shop', 1, second.work, controller.signal);
    const next = gate.run('shop', 1, third.work, signal);
    const reason = new Error('canceled');
    controller.abort(reason);
    await expect(givenUp).rejects.toBe(reason);
    await expect(gate.run('shop', 1, second.work, controller.signal)).rejects.toBe(reason);
    first.end('a');
    third.end('c');
    expect(await Promise.all([running, next])).toEqual(['a', 'c']);
    expect(second.running()).toBe(false);
  });
});
