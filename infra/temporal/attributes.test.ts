import { createServer } from 'node:http2';
import { Connection } from '@temporalio/client';
import { afterEach, expect, it } from 'vitest';
import { ensureSearchAttributes } from './attributes.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A connection to a server that refuses the named methods with a gRPC status, and answers the others with nothing. */
async function connectTo(refused: { [method: string]: number }): Promise<Connection> {
  const server = createServer().on('stream', (stream, headers) => {
    const status = refused[headers[':path']?.split('/').at(-1) ?? ''] ?? 0;
    stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }));
    // An empty message, uncompressed.
    stream.end(status === 0 ? Buffer.alloc(5) : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const connection = await Connection.connect({ address: `127.0.0.1:${address.port}` });
  closers.push(() => connection.close());
  return connection;
}

it('takes search attributes that it may not list to be there', async () => {
  const connection = await connectTo({ ListSearchAttributes: 7 });
  await expect(ensureSearchAttributes(connection, 'orders.acme')).resolves.toBeUndefined();
});

it('names those that it may not add', async () => {
  const connection = await connectTo({ AddSearchAttributes: 12 });
  await expect(ensureSearchAttributes(connection, 'orders.acme')).rejects.toThrow(
    'The namespace orders.acme lacks the search attributes ArmatureOrg, ArmatureWorkflow, ArmatureServer, ArmatureStatus, and this connection may not add them. Create them, of type Keyword.',
  );
});

it('passes on every other failure', async () => {
  const connection = await connectTo({ ListSearchAttributes: 3 });
  await expect(ensureSearchAttributes(connection, 'orders.acme')).rejects.toMatchObject({ code: 3 });
});
