import { describe, expect, it } from 'vitest';
import { createFairQueue, type Standing, type Turn, type TurnEnd } from './fair-queue.ts';

type Item = { name: string; standing?: Standing; ms: number; alone?: 'again' };
type Told = {
  name: string;
  what: 'started' | 'concluded' | 'aborted' | 'not reached';
  at: number;
  triedMs?: number | null;
};

/** Takes turns with items that take so long. @returns what happened, in order */
async function turnsOf(items: readonly Item[], { slots = 4, seconds = 3 }: { slots?: number; seconds?: number } = {}) {
  const began = performance.now();
  const told: Told[] = [];
  let [now, most] = [0, 0];
  const tell = (name: string, what: Told['what'], more: object = {}) =>
    told.push({ name, what, at: performance.now() - began, ...more });
  const asked = new Set<Item>();
  const turns = createFairQueue<Item>({
    slots,
    endsAt: began + seconds * 1000,
    maxItemMs: Math.max(...items.map(({ ms }) => ms)),
    getStanding: ({ standing = 'unknown' }) => standing,
    work: (item, turn: Turn) =>
      new Promise<TurnEnd>((resolve, reject) => {
        turn.begin();
        tell(item.name, 'started');
        now += 1;
        most = Math.max(most, now);
        const timer = setTimeout(() => {
          now -= 1;
          if (item.alone && !asked.has(item)) {
            asked.add(item);
            return resolve('alone');
          }
          tell(item.name, 'concluded', { shared: turn.wasShared() });
          resolve('concluded');
        }, item.ms);
        turn.signal.addEventListener('abort', () => {
          now -= 1;
          clearTimeout(timer);
          tell(item.name, 'aborted');
          reject(turn.signal.reason);
        });
      }),
    notReached: ({ name }, triedMs) => tell(name, 'not reached', { triedMs }),
  });
  turns.add(items);
  await turns.finish();
  const of = (what: Told['what']) => told.filter((each) => each.what === what).map(({ name }) => name);
  return { told, of, most, ms: performance.now() - began };
}
const many = (count: number, item: Omit<Item, 'name'>, name: string): Item[] =>
  Array.from({ length: count }, (_, index) => ({ ...item, name: `${name} ${index}` }));

describe('turns', () => {
  it('give each item one, so many at once, and end with the last', async () => {
    const found = await turnsOf(many(20, { ms: 20 }, 'quick'));
    expect(found.of('concluded')).toHaveLength(20);
    expect(found.of('aborted')).toEqual([]);
    expect(found.of('started')).toHaveLength(20);
    expect(found.most).toBe(4);
  });

  it('begin with healthy ones, then those not known, then failing ones', async () => {
    const items: Item[] = [
      { name: 'failing', standing: 'failing', ms: 1 },
      { name: 'unknown', ms: 1 },
      { name: 'healthy', standing: 'healthy', ms: 1 },
      { name: 'healthy too', standing: 'healthy', ms: 1 },
    ];
    expect((await turnsOf(items, { slots: 1 })).of('started')).toEqual([
      'healthy',
      'healthy too',
      'unknown',
      'failing',
    ]);
  });

  it('are cut short while others wait, and given once more behind them', async () => {
    const items = [...many(4, { ms: 100_000 }, 'hanging'), ...many(8, { ms: 5 }, 'quick')];
    const found = await turnsOf(items, { seconds: 4 });
    expect(found.of('concluded').sort()).toEqual(items.slice(4).map(({ name }) => name));
    expect(found.of('not reached')).toHaveLength(4);
    // Once for the others, once at the end.
    expect(found.of('aborted').filter((name) => name === 'hanging 0')).toHaveLength(2);
    for (const { what, triedMs } of found.told)
      if (what === 'not reached') expect(triedMs).toBeGreaterThanOrEqual(1000);
    expect(found.ms).toBeGreaterThan(3900);
  });

  it('are not cut short while nobody waits', async () => {
    const found = await turnsOf(many(4, { ms: 1500 }, 'slow'), { seconds: 3 });
    expect(found.of('aborted')).toEqual([]);
    expect(found.of('concluded')).toHaveLength(4);
  });

  it('come to every healthy item among as many hanging ones, and to the end of some hanging one', async () => {
    // What hangs is concluded by its own time limit.
    const items = [...many(10, { ms: 3000 }, 'hanging'), ...many(10, { ms: 5 }, 'quick')];
    const found = await turnsOf(items, { seconds: 8 });
    expect(found.of('concluded').filter((name) => name.startsWith('quick'))).toHaveLength(10);
    // Those that stand first, not those whose first turn came last.
    const ended = found.of('concluded').filter((name) => name.startsWith('hanging'));
    expect(ended.slice(0, 4).sort()).toEqual(['hanging 0', 'hanging 1', 'hanging 2', 'hanging 3']);
    expect(found.of('concluded').length + found.of('not reached').length).toBe(20);
  });

  it('are given once more alone to who asks for that, after those that wait', async () => {
    const items: Item[] = [{ name: 'suspect', ms: 10, alone: 'again' }, ...many(12, { ms: 30 }, 'other')];
    const { told } = await turnsOf(items);
    expect(told.at(-1)).toMatchObject({ name: 'suspect', what: 'concluded', shared: false });
    expect(told.filter(({ what }) => what === 'concluded')).toHaveLength(13);
  });

  it('end at their time, with what never had one told so', async () => {
    const found = await turnsOf(many(12, { ms: 100_000 }, 'hanging'), { slots: 2, seconds: 1.5 });
    expect(found.of('concluded')).toEqual([]);
    expect(found.of('not reached')).toHaveLength(12);
    // With two turns of a second and a half, most are never started.
    const started = new Set(found.of('started'));
    const untried = found.told.filter(({ triedMs }) => triedMs === null).map(({ name }) => name);
    expect(untried).toEqual(found.of('not reached').filter((name) => !started.has(name)));
    expect(untried.length).toBeGreaterThanOrEqual(8);
  });

  it('stop with the failure of what carries them out', async () => {
    const turns = createFairQueue<string>({
      slots: 1,
      endsAt: performance.now() + 60_000,
      maxItemMs: 1000,
      getStanding: () => 'unknown',
      work: () => Promise.reject(new Error('The database is away.')),
      notReached: () => {},
    });
    turns.add(['one', 'other']);
    await expect(turns.finish()).rejects.toThrow('The database is away.');
  });
});
