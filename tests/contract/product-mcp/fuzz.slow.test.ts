import { afterAll, beforeAll, expect, it } from 'vitest';
import { heapUsed } from '../../support/setup/heap.ts';
import { type Attack, startAttack } from './hostile.ts';

const seed = Number(process.env.ARMATURE_FUZZ_SEED ?? 20261202);
const total = 5000;
const measuredFrom = 1500;

let attack: Attack;
beforeAll(async () => {
  attack = await startAttack(seed);
});
afterAll(() => attack?.close());

it(`${total} hostile requests (ARMATURE_FUZZ_SEED=${seed}) leak nothing, and leave no memory behind`, async () => {
  await attack.attack(measuredFrom);
  const before = heapUsed();
  await attack.attack(total - measuredFrom);
  await attack.expectNoLeak();
  // Finalizers, such as those of `fetch`, run some time after a collection, and release more for the next.
  await expect.poll(() => heapUsed() / before, { interval: 300, timeout: 30_000 }).toBeLessThan(1.15);
});
