import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isArmatureError } from '../../../domain/error/error.ts';
import { atLeast, type Role, roles } from '../../../domain/role/role.ts';
import { type ShopServer, startShopServer } from '../../../examples/shop-server/index.ts';
import { createModels } from '../../../infra/models/index.ts';
import type { Context } from '../../../services/context/context.ts';
import { type TestDeps, testDeps } from '../../support/setup/context.ts';
import { fixtures, refused, refusedToOthers, refusedToOwner } from './fixtures.ts';
import { type AnyUseCase, everyUseCase } from './use-cases.ts';
import { contentOf, makeWorld, type World } from './world.ts';

const useCases = await everyUseCase();
const names = [...useCases.keys()].sort();

let scenario: TestDeps;
let shop: ShopServer;
/** Two organizations that no test changes. */
let mine: World;
let theirs: World;

beforeAll(async () => {
  // Nobody listens there, nor at Slack's address below.
  const provider = { name: 'nobody', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'sk-1', models: [{ id: 'listens' }] };
  scenario = await testDeps({
    models: createModels({ providers: [provider] }),
    env: {
      ARMATURE_OPEN_SIGNUP: 'true',
      SLACK_CLIENT_ID: '1.2',
      SLACK_CLIENT_SECRET: 'client-secret',
      SLACK_SIGNING_SECRET: 'signing-secret',
      SLACK_API_URL: 'http://127.0.0.1:9/api/',
    },
  });
  shop = await startShopServer({});
  await scenario.deps.temporal.ensureSearchAttributes();
  mine = await world();
  theirs = await world();
});
afterAll(async () => {
  await shop?.close();
  await scenario?.close();
});

const world = () => makeWorld(scenario.deps, { shopUrl: shop.url });
const visitor = (): Context => ({ deps: scenario.deps, actor: { kind: 'visitor', id: 'visitor' }, requestId: 'test' });

function get(name: string): AnyUseCase {
  const found = useCases.get(name);
  if (!found) throw new Error(`no use case ${name}`);
  return found;
}

function inputOf(name: string, of: World, role: Role = 'owner'): unknown {
  const make = fixtures[name];
  if (!make) throw new Error(`${name} has no fixture in tests/contract/registry/fixtures.ts`);
  return make(of, role);
}

/** `ok`, or the code of the error. Anything else is thrown. */
async function outcomeOf(name: string, ctx: Context, input: unknown): Promise<string> {
  try {
    await get(name)(ctx, input);
    return 'ok';
  } catch (error) {
    if (isArmatureError(error)) return error.code;
    throw error;
  }
}

describe('the registry', () => {
  it('has a fixture for every use case, and none for what is gone', () => {
    expect(Object.keys(fixtures).sort()).toEqual(names);
  });
});

describe.each(names)('%s', (name) => {
  const { access } = get(name).useCase;
  const expected = refused[name] ?? 'ok';

  if (access === 'anyone') {
    it('answers a visitor', async () => {
      expect(await outcomeOf(name, visitor(), inputOf(name, mine))).toBe(expected);
    });
    return;
  }

  it('refuses a visitor', async () => {
    expect(await outcomeOf(name, visitor(), inputOf(name, mine))).toBe('unauthenticated');
  });

  it.each(roles)('as %s', async (role) => {
    const allowed = access !== 'system' && atLeast(role, access);
    if (allowed) {
      const fresh = await world();
      expect(await outcomeOf(name, fresh.org.as(role), inputOf(name, fresh, role))).toBe(
        (role === 'owner' && refusedToOwner[name]) || expected,
      );
      return;
    }
    const before = await contentOf(scenario.deps, mine.org);
    expect(await outcomeOf(name, mine.org.as(role), inputOf(name, mine, role))).toBe('permission_denied');
    expect(await contentOf(scenario.deps, mine.org)).toBe(before);
  });

  if (access === 'system')
    it('answers Armature itself', async () => {
      const fresh = await world();
      expect(await outcomeOf(name, fresh.org.asSystem(), inputOf(name, fresh))).toBe(expected);
    });

  it("finds nothing by another organization's ids, and changes nothing there", async () => {
    const me = await world();
    const ctx = access === 'system' ? me.org.asSystem() : me.org.ctx;
    const before = await contentOf(scenario.deps, theirs.org);
    for (const { path, input } of withForeignIds(inputOf(name, me), inputOf(name, theirs))) {
      const reached = await reach(name, ctx, input);
      expect(reached, `with their ${path}`).toSatisfy(
        (seen: Reached) =>
          isNotFound(seen) || isHarmless(seen, theirs) || ('code' in seen && seen.code === refusedToOthers[name]),
        'not found, or an answer that holds nothing of theirs',
      );
    }
    expect(await contentOf(scenario.deps, theirs.org)).toBe(before);
  });
});

type Reached = { code: string } | { answer: string };

async function reach(name: string, ctx: Context, input: unknown): Promise<Reached> {
  try {
    return { answer: JSON.stringify(await get(name)(ctx, input)) ?? '' };
  } catch (error) {
    if (isArmatureError(error)) return { code: error.code };
    throw error;
  }
}

const isNotFound = (seen: Reached): boolean => 'code' in seen && seen.code.endsWith('_not_found');

/** Lists that filter by a foreign id answer with nothing. */
function isHarmless(seen: Reached, { org, serverId, profileId, workflowId, versionId, runId }: World): boolean {
  if (!('answer' in seen)) return false;
  return ![org.orgId, serverId, profileId, workflowId, versionId, runId].some((id) => seen.answer.includes(id));
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The input with all ids replaced by theirs, then with one at a time. An input without ids is given back as it is: its
 * answer must hold nothing of theirs.
 */
function withForeignIds(own: unknown, foreign: unknown): { path: string; input: unknown }[] {
  const paths = idPaths(own, foreign, []);
  return [
    { path: 'everything', input: foreign },
    ...paths.map((path) => ({ path: path.join('.'), input: replaced(own, foreign, path) })),
  ];
}

function idPaths(own: unknown, foreign: unknown, at: string[]): string[][] {
  if (typeof own === 'string' && typeof foreign === 'string') return uuid.test(own) && own !== foreign ? [at] : [];
  if (!isPlain(own) || !isPlain(foreign)) return [];
  // A criterion's id is the caller's to choose.
  return Object.keys(own)
    .filter((key) => key !== 'criteria')
    .flatMap((key) => idPaths(own[key], foreign[key], [...at, key]));
}

function replaced(own: unknown, foreign: unknown, [key, ...rest]: string[]): unknown {
  if (key === undefined) return foreign;
  if (!isPlain(own) || !isPlain(foreign)) return own;
  return { ...own, [key]: replaced(own[key], foreign[key], rest) };
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
