import { expect, it } from 'vitest';
import { createLogger } from './index.ts';

it("writes JSON without credentials, and without Armature's own keys wherever they stand", () => {
  const lines: string[] = [];
  const log = createLogger({ level: 'info', process: 'test', to: { write: (line) => lines.push(line) } });
  const key = `amt_0123456789abcdef_${'a'.repeat(43)}`;
  log.info({ password: 'hunter2', note: `it is ${key}.`, [key]: 1, err: new Error(key) }, `got ${key}`);
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toMatch(/hunter2|amt_/);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    password: '[redacted]',
    note: 'it is [redacted].',
    msg: 'got [redacted]',
  });
});
