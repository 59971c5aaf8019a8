import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drive } from '../drive.ts';
import type { Fault } from '../fault.ts';
import { judge } from '../judge.ts';
import { createMemory } from '../memory.ts';
import { faults } from './index.ts';

let memory: ReturnType<typeof createMemory>;
beforeAll(() => {
  memory = createMemory();
});
afterAll(() => memory?.close());

/** On a busy machine, such a run may take longer without the fault, too. */
const isTimed = ({ workflow }: Fault): boolean =>
  workflow?.limits !== undefined || workflow?.criteria?.some((text) => text.startsWith('finishes')) === true;
const untimed = faults.filter((fault) => !isTimed(fault));

describe('a fault is explained, repaired without silencing the test, and pinned', () => {
  it('each has a name of its own', () => {
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
  });

  it.concurrent.each(untimed.map((fault) => [fault.name, fault] as const))('%s', async (_, fault) => {
    expect(judge(fault, await drive(fault, memory.open)).misses).toEqual([]);
  });
});
