import { createServer as createPlainServer, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { findSocketProblem } from '../../scripts/operation/examine/temporal-socket.ts';
import { findFreePort } from '../../scripts/port.ts';
import { testTemporal } from '../support/setup/temporal.ts';
import { createCertificate } from '../support/targets/certificate.ts';
import { startTlsProxy } from '../support/targets/tls-proxy.ts';

const day = 86_400_000;
const create = (host: string, days: number) =>
  createCertificate({ host, from: new Date(Date.now() - day), until: new Date(Date.now() + days * day) });
const server = create('temporal.example', 1);
const expired = create('temporal.example', -0.5);
const client = create('client.example', 1);
const stranger = create('stranger.example', 1);

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function startTls(options: TlsOptions = {}): Promise<string> {
  const proxy = await startTlsProxy(testTemporal().address, { ...server, ...options });
  closers.push(proxy.close);
  return proxy.address;
}
async function startPlain(answer: (socket: Socket) => void): Promise<string> {
  const port = await findFreePort();
  const sockets = new Set<Socket>();
  const listening = createPlainServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    answer(socket);
  });
  await new Promise<void>((resolve) => listening.listen(port, '127.0.0.1', resolve));
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => listening.close(resolve));
  });
  return `127.0.0.1:${port}`;
}
const mutual = { ca: client.cert, requestCert: true, rejectUnauthorized: true };
const trusted = { ca: server.cert, cert: '', key: '', serverName: 'temporal.example' };

describe('findSocketProblem', () => {
  it('finds nothing where it is configured as it is spoken', async () => {
    const { address } = testTemporal();
    expect(await findSocketProblem({ address, tls: null })).toBeNull();
    expect(await findSocketProblem({ address: await startTls(), tls: trusted })).toBeNull();
    expect(await findSocketProblem({ address: await startTls(mutual), tls: { ...trusted, ...client } })).toBeNull();
  });

  it.each([
    ['an unknown authority', () => startTls(), { ...trusted, ca: '' }, /unknown authority/, /TEMPORAL_TLS_CA/],
    ['another name', () => startTls(), { ...trusted, serverName: 'other.example' }, /not for "other.example"/, /NAME/],
    ['an address instead of a name', () => startTls(), { ...trusted, serverName: '' }, /not for "127.0.0.1"/, /NAME/],
    ['an expired certificate', () => startTls(expired), { ...trusted, ca: expired.cert }, /not valid today/, /Renew/],
    ['no client certificate', () => startTls(mutual), trusted, /client certificate is .*demanded/, /TLS_CERT/],
    [
      'no client certificate, in TLS 1.2',
      () => startTls({ ...mutual, maxVersion: 'TLSv1.2' }),
      trusted,
      /client certificate is .*demanded/,
      /TLS_CERT/,
    ],
    [
      'a client certificate of a stranger',
      () => startTls(mutual),
      { ...trusted, ...stranger },
      /client certificate is .*refused/,
      /TLS_CERT/,
    ],
    [
      'a key that is not that of the certificate',
      () => startTls(mutual),
      { ...trusted, cert: client.cert, key: stranger.key },
      /certificate or its key can't be used/,
      /TLS_CERT/,
    ],
    ['TLS without HTTP/2', () => startTls({ ALPNProtocols: ['http/1.1'] }), trusted, /but not HTTP\/2/, /proxy/],
    ['TLS where it is not spoken', () => testTemporal().address, trusted, /no TLS is spoken/, /Remove TEMPORAL_TLS/],
    ['no TLS where it is spoken', () => startTls(), null, /TLS is spoken there, but not/, /TEMPORAL_TLS=true/],
    [
      'no TLS where a certificate is demanded',
      () => startTls(mutual),
      null,
      /TLS is spoken there, but not/,
      /TLS=true/,
    ],
  ])('names %s', async (_, start, tls, reason, todo) => {
    expect(await findSocketProblem({ address: await start(), tls })).toEqual({
      reason: expect.stringMatching(reason),
      todo: expect.stringMatching(todo),
    });
  });

  it.each([null, trusted])('names what is not there, with TLS and without', async (tls) => {
    const address = `127.0.0.1:${await findFreePort()}`;
    expect(await findSocketProblem({ address, tls })).toMatchObject({ reason: 'nothing listens there' });
    expect(await findSocketProblem({ address: 'temporal.invalid:7233', tls })).toMatchObject({
      reason: expect.stringMatching(/the name of the host (is unknown|could not be looked up)/),
    });
  });

  it.each([null, trusted])('names what is no Temporal, with TLS and without', async (tls) => {
    const mail = await startPlain((socket) => socket.end('220 smtp.example.com\r\n'));
    expect(await findSocketProblem({ address: mail, tls })).not.toBeNull();
    const closing = await startPlain((socket) => socket.destroy());
    expect(await findSocketProblem({ address: closing, tls })).toMatchObject({
      reason: expect.stringMatching(/closed/),
    });
  });
});
