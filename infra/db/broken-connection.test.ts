import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Listening, listen } from '../../tests/support/targets/http.ts';
import { createDb } from './index.ts';

/** A message of Postgres' protocol: its type, the length of what follows, and that. */
function message(type: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length + 4);
  return Buffer.concat([Buffer.from(type), length, content]);
}

const authenticated = message('R', Buffer.alloc(4));
const ready = message('Z', Buffer.from('I'));
const fields = ['SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection due to unexpected postmaster exit'];
const terminated = message('E', Buffer.from(`${fields.map((field) => `${field}\0`).join('')}\0`));

let postgres: Listening;
/** Connections that were accepted. */
let accepted = 0;
beforeAll(async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    // What dies right after the start of a connection says both at once.
    socket.once('data', () => {
      accepted += 1;
      socket.end(Buffer.concat([authenticated, ready, terminated]));
    });
  });
  postgres = await listen(server);
});
afterAll(() => postgres?.close());

it('a connection that ends before the first statement of a transaction fails that alone', async () => {
  const db = createDb({ url: `postgres://somebody:word@127.0.0.1:${postgres.port}/armature` });
  await expect(db.$transaction((tx) => tx.run.count())).rejects.toThrow();
  await expect(db.$transaction((tx) => tx.run.count())).rejects.toThrow();
  expect(accepted).toBe(2);
  await db.close();
});
