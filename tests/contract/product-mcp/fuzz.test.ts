import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Attack, startAttack } from './hostile.ts';

const seed = Number(process.env.ARMATURE_FUZZ_SEED ?? 20261201);
const total = 400;

let attack: Attack;
beforeAll(async () => {
  attack = await startAttack(seed);
});
afterAll(() => attack?.close());

it(`${total} hostile requests (ARMATURE_FUZZ_SEED=${seed}) get documented answers, and leak nothing`, async () => {
  await attack.attack(total);
  await attack.expectNoLeak();
  expect.hasAssertions();
});
