import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../infra/logger/index.ts';
import { signUp } from '../../services/account/sign-up.ts';
import { startApp, type TestApp } from '../support/browser/app.ts';
import { type PublicRequest, publicRequests } from '../support/public-routes.ts';

let app: TestApp;
const logged: { level: number }[] = [];
/** Pino's number of `warn`. */
const warn = 40;
const requests = publicRequests();

beforeAll(async () => {
  const log = createLogger({
    level: 'debug',
    process: 'test',
    to: { write: (line) => void logged.push(JSON.parse(line)) },
  });
  app = await startApp({
    log,
    env: {
      SLACK_CLIENT_ID: '1.2',
      SLACK_CLIENT_SECRET: 'client-secret',
      SLACK_SIGNING_SECRET: 'signing-secret',
      RESEND_WEBHOOK_SECRET: `whsec_${'A'.repeat(32)}`,
      ARMATURE_OPEN_SIGNUP: 'true',
    },
  });
  // Without an account, all pages lead to the page where the first one is created.
  await signUp(
    { deps: app.deps, actor: { kind: 'visitor', id: 'test' }, requestId: 'test' },
    { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery', organizationName: 'Acme' },
  );
});
afterAll(() => app?.close());

const send = ({ method, path, headers }: PublicRequest, body: string) =>
  fetch(`${app.url}${path}`, {
    method,
    headers: { origin: app.url, ...headers },
    redirect: 'manual',
    ...(method === 'POST' && { body: Buffer.from(body) }),
  });

/** Milliseconds of CPU that a request with this body costs. */
async function cost(request: PublicRequest, body: string): Promise<number> {
  const before = process.cpuUsage();
  await (await send(request, body)).arrayBuffer();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe.each(requests.filter(({ method }) => method === 'POST'))('$name', (request) => {
  it('costs at most three times as much with twice the body', async () => {
    const bodies = [request.body(request.maxBytes / 2), request.body(request.maxBytes)] as const;
    let [half, whole] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    // The least of several, in turns: others share the machine, and what they do then costs both.
    for (let count = 0; count < 10; count++) {
      half = Math.min(half, await cost(request, bodies[0]));
      whole = Math.min(whole, await cost(request, bodies[1]));
    }
    // Below some milliseconds, the cost of a request as such and the noise of the machine decide.
    const noiseMs = 5;
    expect(whole).toBeLessThanOrEqual(3 * (half + noiseMs));
  });
});

describe('a request that anyone can send', () => {
  // No worker is running, so /readyz answers 503.
  it.each(requests.filter(({ path }) => path !== '/readyz'))(
    'is answered with what is wrong with it: $name',
    async (request) => {
      logged.length = 0;
      const answer = await send(request, request.body(request.maxBytes));
      const text = await answer.text();
      expect(answer.status, text.slice(0, 300)).toBeLessThan(500);
      expect(logged.filter(({ level }) => level >= warn)).toEqual([]);
      expect(text.length).toBeLessThan(100_000 + 10 * request.maxBytes);
    },
  );

  it.each([
    ['without a body', {}, undefined, 415],
    ['with JSON', { 'content-type': 'application/json' }, '{}', 415],
    ['with a multipart form', { 'content-type': 'multipart/form-data; boundary=x' }, 'not a form', 415],
    ['with an empty form', { 'content-type': 'application/x-www-form-urlencoded' }, '', 400],
    ['with too many fields', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=&'.repeat(101), 413],
    ['with too large a form', { 'content-type': 'application/x-www-form-urlencoded' }, `a=${'x'.repeat(16_384)}`, 413],
  ] as const)('%s is refused by the sign-in page, and no error of ours', async (_, headers, body, status) => {
    logged.length = 0;
    for (const path of ['/sign-in', '/sign-up', '/sign-in.data']) {
      const answer = await fetch(`${app.url}${path}`, {
        method: 'POST',
        headers: { origin: app.url, ...headers },
        ...(body !== undefined && { body }),
      });
      expect([path, answer.status]).toEqual([path, status]);
    }
    expect(logged.filter(({ level }) => level >= warn)).toEqual([]);
  });

  it('can name its fields after what all objects have', async () => {
    const answer = await fetch(`${app.url}/sign-in`, {
      method: 'POST',
      headers: { origin: app.url, 'content-type': 'application/x-www-form-urlencoded' },
      body: '__proto__=a&constructor=b&toString=c&hasOwnProperty=d&email=x',
    });
    expect(answer.status).toBe(400);
    expect(Object.prototype).not.toHaveProperty('a');
  });
});
