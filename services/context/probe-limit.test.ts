import { describe, expect, it } from 'vitest';
import { createProbeLimit } from './probe-limit.ts';

/** Starts probes that run until `finish` is called. */
function setUp() {
  const limit = createProbeLimit();
  const { promise, resolve } = Promise.withResolvers<void>();
  return { start: (orgId: string) => limit.run(orgId, () => promise), finish: resolve };
}
const refused = { code: 'rate_limited', details: { retryAfterSeconds: 5 } };

describe('the limit of probes', () => {
  it('runs two of an organization, and others when they have ended', async () => {
    const { start, finish } = setUp();
    const first = [start('a'), start('a')];
    await expect(start('a')).rejects.toMatchObject(refused);
    const other = start('b');
    finish();
    await Promise.all([...first, other]);
    await expect(start('a')).resolves.toBeUndefined();
  });

  it('runs eight of a process', async () => {
    const { start, finish } = setUp();
    const running = ['a', 'b', 'c', 'd'].flatMap((orgId) => [start(orgId), start(orgId)]);
    await expect(start('e')).rejects.toMatchObject(refused);
    finish();
    await Promise.all(running);
    await expect(start('e')).resolves.toBeUndefined();
  });

  it('frees the place of a probe that failed', async () => {
    const limit = createProbeLimit();
    const fail = () => limit.run('a', () => Promise.reject(new Error('broken')));
    for (let count = 0; count < 3; count++) await expect(fail()).rejects.toThrow('broken');
  });
});
