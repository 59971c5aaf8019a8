import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../infra/config/index.ts';
import { buildConnectionOptions } from '../../infra/temporal/connection.ts';
import { createTemporal } from '../../infra/temporal/index.ts';
import { freshInstallation, testTemporal } from '../support/setup/temporal.ts';
import { createCertificate } from '../support/targets/certificate.ts';
import { startTlsProxy } from '../support/targets/tls-proxy.ts';

const day = 86_400_000;
const validity = { from: new Date(Date.now() - day), until: new Date(Date.now() + day) };
const server = createCertificate({ host: 'temporal.example', ...validity });
const client = createCertificate({ host: 'client.example', ...validity });

/** With mutual authentication, before the development server, which has no TLS. */
let proxy: Awaited<ReturnType<typeof startTlsProxy>>;
beforeAll(async () => {
  const mutual = { ...server, ca: client.cert, requestCert: true, rejectUnauthorized: true };
  proxy = await startTlsProxy(testTemporal().address, mutual);
});
afterAll(() => proxy?.close());

const connectionOf = (env: Record<string, string>) =>
  readConfig({
    DATABASE_URL: 'postgres://127.0.0.1/armature',
    SECRETS_DATABASE_URL: 'postgres://127.0.0.1/armature_secrets',
    ARMATURE_SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
    ARMATURE_AUTH_SECRET: 'a secret of at least 32 characters',
    TEMPORAL_ADDRESS: proxy.address,
    ...env,
  }).temporal;
const trusted = { TEMPORAL_TLS_CA: server.cert, TEMPORAL_TLS_SERVER_NAME: 'temporal.example' };
const mutual = { ...trusted, TEMPORAL_TLS_CERT: client.cert, TEMPORAL_TLS_KEY: client.key };

it('clients and workers connect with mutual TLS, under another server name', async () => {
  const options = connectionOf({ ...mutual, TEMPORAL_API_KEY: 'not-checked-here' });
  const temporal = createTemporal({ ...options, installation: freshInstallation() });
  expect(await temporal.listUnhostedQueues()).toEqual(['runs', 'checks', 'system']);
  await temporal.close();
  const connection = await NativeConnection.connect(buildConnectionOptions(options));
  await connection.close();
});

it.each([
  ['without a client certificate', () => trusted],
  [
    'with a server name that is not in the certificate',
    () => ({ ...mutual, TEMPORAL_TLS_SERVER_NAME: 'other.example' }),
  ],
  ['with an authority that has not signed', () => ({ ...mutual, TEMPORAL_TLS_CA: client.cert })],
])('a worker %s is refused', async (_, env) => {
  await expect(NativeConnection.connect(buildConnectionOptions(connectionOf(env())))).rejects.toThrow();
});

it('an API key is never sent without TLS', () => {
  expect(connectionOf({ TEMPORAL_API_KEY: 'key' }).tls).not.toBeNull();
  expect(connectionOf({}).tls).toBeNull();
});

it.each([
  [{ TEMPORAL_TLS_CERT: client.cert }, 'TEMPORAL_TLS_CERT: needs TEMPORAL_TLS_KEY'],
  [
    { TEMPORAL_TLS_CA: '/nowhere/ca.pem' },
    "TEMPORAL_TLS_CA: must be PEM, or the path of a file: it can't be read (ENOENT)",
  ],
])('the configuration refuses what is incomplete', (env, message) => {
  expect(() => connectionOf(env)).toThrow(message);
});
