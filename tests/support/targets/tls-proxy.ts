import { connect } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';

/** Ends TLS on a free port of 127.0.0.1, and passes what is inside to `to`, such as Temporal's plain address. */
export async function startTlsProxy(
  to: string,
  options: TlsOptions,
): Promise<{ address: string; close(): Promise<void> }> {
  const [host = '', port] = to.split(':');
  const proxy = createServer({ ALPNProtocols: ['h2'], ...options }, (outside) => {
    const inside = connect(Number(port), host);
    outside.on('error', () => inside.destroy());
    inside.on('error', () => outside.destroy());
    outside.pipe(inside).pipe(outside);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return {
    address: `127.0.0.1:${address.port}`,
    async close() {
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
