import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { expect } from 'vitest';
import { z } from 'zod';
import { errorKinds } from '../../../domain/error/codes.ts';
import { createLogger } from '../../../infra/logger/index.ts';
import { chooseTools } from '../../../services/product-mcp/tools/choose.ts';
import { hostileDocument, startHostileApi } from '../../support/product-mcp/hostile-api.ts';
import { pathOf, publish, startApi } from '../../support/product-mcp/publish.ts';
import { testDeps, testOrg } from '../../support/setup/context.ts';
import { searchDatabase } from '../../support/setup/search-database.ts';
import { type CallerName, callers, createRequests, type Sent } from './hostile-requests.ts';

type Answer = { status: number; headers: string; text: string; isHead: boolean };

const rpcId = z.union([z.string(), z.number(), z.null()]);
const documented = z.union([
  z.strictObject({ jsonrpc: z.literal('2.0'), id: rpcId, result: z.record(z.string(), z.unknown()) }),
  z.strictObject({
    jsonrpc: z.literal('2.0'),
    id: rpcId,
    error: z.strictObject({ code: z.int(), message: z.string().min(1), data: z.unknown().optional() }),
  }),
  z.strictObject({
    error: z.strictObject({
      code: z.enum(Object.keys(errorKinds)),
      message: z.string().min(1),
      remediation: z.string().min(1),
      requestId: z.string(),
      details: z.unknown().optional(),
    }),
  }),
]);
const statuses = new Set([200, 202, 400, 401, 403, 404, 405, 406, 413, 415]);

export type Attack = Awaited<ReturnType<typeof startAttack>>;

/** Product MCPs of a hostile API, and requests to them that no sensible client sends, the same for the same seed. */
export async function startAttack(seed: number) {
  const secrets = Object.fromEntries(callers.map((name) => [name, `${name}-${randomBytes(12).toString('hex')}`]));
  const secretOf = (name: CallerName): string => secrets[name] ?? '';
  const logged: string[] = [];
  const log = createLogger({ level: 'trace', process: 'test', to: { write: (line) => void logged.push(line) } });
  const unlimited = '10000000';
  const test = await testDeps({
    log,
    env: {
      ARMATURE_PRODUCT_MCP_CALLER_REQUESTS_PER_MINUTE: unlimited,
      ARMATURE_PRODUCT_MCP_REQUESTS_PER_MINUTE: unlimited,
      // Each request comes from a network of its own, so that refused credentials aren't slowed down.
      ARMATURE_TRUSTED_PROXIES: '127.0.0.1',
    },
  });
  const org = await testOrg(test.deps);
  const api = await startApi(test.deps);
  const hostileApi = await startHostileApi(
    (authorization) => callers.slice(0, 2).find((name) => authorization === `Bearer ${secretOf(name)}`) ?? null,
  );
  const products = await Promise.all(
    (['list', 'search'] as const).map(async (mode) => {
      const product = await publish(org.ctx, {
        document: hostileDocument(hostileApi.otherUrl),
        baseUrl: hostileApi.baseUrl,
        connection: { check: { kind: 'endpoint', path: '/me' } },
      });
      if (mode === 'search') await chooseTools(org.ctx, { productMcpId: product.id, mode });
      return pathOf(product);
    }),
  );
  const make = createRequests(seed, { products, secretOf });
  const odd: string[] = [];
  const { port } = new URL(api.origin);

  async function attack(count: number): Promise<void> {
    for (let sent = 0; sent < count; sent += 8)
      await Promise.all(
        Array.from({ length: Math.min(8, count - sent) }, async () => {
          const { caller, ...what } = make();
          const answer = await send(Number(port), what);
          const problem = findProblem(answer, caller, secrets);
          if (problem) odd.push(`${problem}: ${describe(what)}\n    got ${answer.status} ${answer.text.slice(0, 400)}`);
        }),
      );
    await test.deps.productUsage.flush();
    expect(odd.slice(0, 10)).toEqual([]);
  }

  /** Credentials are in the one header of requests to the API, and what callers sent changed nothing else of them. */
  async function expectNoLeak(): Promise<void> {
    expect(hostileApi.stolen).toEqual([]);
    expect(hostileApi.received.length).toBeGreaterThan(30);
    const strange = hostileApi.received.filter(({ url, rawHeaders }) => {
      const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
      return (
        !url.startsWith('/base/') ||
        /\/\.\.?(\/|$)/.test(url.replace(/\?.*/s, '')) ||
        names.includes('x-injected') ||
        names.filter((name) => name === 'authorization').length !== 1
      );
    });
    expect(strange.slice(0, 3)).toEqual([]);
    const parts = Object.values(secrets);
    expect(logged.length).toBeGreaterThan(20);
    expect(logged.filter((line) => parts.some((part) => line.includes(part))).slice(0, 3)).toEqual([]);
    expect(logged.filter((line) => /"level":"(error|fatal)"/.test(line)).slice(0, 3)).toEqual([]);
    for (const database of [test.database.url, test.database.secretsUrl])
      for (const part of parts) expect(await searchDatabase(database, part)).toEqual([]);
    expect(Object.prototype).not.toHaveProperty('polluted');
  }

  return {
    attack,
    expectNoLeak,
    async close() {
      await api.close();
      hostileApi.close();
      await test.close();
    },
  };
}

const describe = ({ method, path, headers, body }: Sent): string =>
  `${method} ${path.slice(0, 200)} ${JSON.stringify(headers).slice(0, 300)} ${body.toString().slice(0, 500)}`;

function findProblem(
  { status, headers, text, isHead }: Answer,
  caller: CallerName,
  secrets: { [name: string]: string },
): string | null {
  if (!statuses.has(status)) return 'a status that is not documented';
  if (Object.values(secrets).some((secret) => text.includes(secret) || headers.includes(secret))) return 'a credential';
  if (/internal_error|"code":-32603/.test(text)) return 'an internal error';
  const who = /\\?"who\\?":\s*\\?"(\w+)/.exec(text)?.[1];
  if (who !== undefined && who !== caller) return `an answer to ${who}`;
  if (text === '') return status === 202 || isHead ? null : 'no answer';
  const data = text.startsWith('{')
    ? [text]
    : text.split('\n').flatMap((line) => /^data: (\{.*)$/.exec(line)?.[1] ?? []);
  const isDocumented = data.length === 1 && documented.safeParse(JSON.parse(data[0] ?? '')).success;
  return isDocumented ? null : 'an answer that is not documented';
}

/** Without `fetch`, which refuses what is odd about some of these requests. */
function send(port: number, { method, path, headers, body }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, async (response) => {
      try {
        const text = Buffer.concat(await response.toArray()).toString('utf8');
        resolve({
          status: response.statusCode ?? 0,
          headers: JSON.stringify(response.rawHeaders),
          text,
          isHead: method === 'HEAD',
        });
      } catch (error) {
        reject(error);
      }
    });
    sent.on('error', reject).end(body);
  });
}
