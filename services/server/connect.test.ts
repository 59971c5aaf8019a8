import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { storedSecrets } from '../../tests/support/setup/stored-secrets.ts';
import { archiveAuthProfile } from '../auth-profile/archive.ts';
import { createAuthProfile } from '../auth-profile/create.ts';
import { editAuthProfile } from '../auth-profile/edit.ts';
import { connectServer } from './connect.ts';
import { editServer } from './edit.ts';
import { loadEndpoint } from './endpoint.ts';
import { probeServer } from './probe.ts';
import { getServer } from './reading/get.ts';
import { listServers } from './reading/list.ts';

let test: TestDeps;
let org: TestOrg;
let shop: ShopServer;
let guarded: ShopServer;
const token = 'shop-token-4711-of-the-tests';

beforeAll(async () => {
  test = await testDeps();
  org = await testOrg(test.deps, { role: 'admin' });
  [shop, guarded] = await Promise.all([startShopServer(), startShopServer({ token })]);
});
afterAll(async () => {
  await Promise.all([shop.close(), guarded.close()]);
  await test.close();
});

const plain = () => ({
  name: 'Shop',
  transport: 'streamable_http' as const,
  url: shop.url,
  auth: { kind: 'none' as const },
});
const connected = async (more: Partial<Parameters<typeof connectServer>[1]> = {}): Promise<string> => {
  const { serverId, probe } = await connectServer(org.ctx, { ...plain(), ...more });
  if (serverId === null) throw new Error(`not connected: ${JSON.stringify(probe)}`);
  return serverId;
};
const endpoint = async (serverId: string, authProfileId: string | null = null) =>
  (await loadEndpoint(test.deps, { orgId: org.orgId, serverId, authProfileId })).endpoint;
const secretCount = async () => (await storedSecrets(test.deps, org.orgId)).length;

describe('connecting a server', () => {
  it('probes it and saves it with its catalog, one default profile and an audit row', async () => {
    const serverId = await connected();
    const { server, authProfiles, tools, changes, probes } = await getServer(org.ctx, { serverId });
    expect(server).toMatchObject({ name: 'Shop', status: 'reachable', maxConcurrency: 4, probeError: null });
    expect(server.protocolVersion).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(authProfiles).toMatchObject([{ name: 'Default', kind: 'none', isDefault: true }]);
    expect(tools.map(({ name }) => name)).toContain('create_order');
    expect(tools.every(({ active }) => active)).toBe(true);
    expect(changes).toEqual([]);
    expect(probes).toMatchObject([{ kind: 'probe', ok: true, toolCount: tools.length }]);
    const audit = await test.deps.db.auditEvent.findMany({ where: { orgId: org.orgId, subject: serverId } });
    expect(audit).toMatchObject([{ action: 'server.connect', actorId: org.ctx.actor.id }]);
  });

  it('keeps values of headers, of the query and of credentials out of the dashboard database', async () => {
    const serverId = await connected({
      url: `${guarded.url}?api_key=query-value-815`,
      headers: { 'X-Team': 'header-value-162' },
      auth: { kind: 'bearer', token: `Bearer ${token}` },
    });
    const [server, audit, shown] = await Promise.all([
      test.deps.db.server.findFirst({ where: { id: serverId }, include: { authProfiles: true, probes: true } }),
      test.deps.db.auditEvent.findMany({ where: { orgId: org.orgId } }),
      getServer(org.ctx, { serverId }),
    ]);
    expect(shown.server).toMatchObject({ url: guarded.url, queryNames: ['api_key'], headerNames: ['X-Team'] });
    const text = JSON.stringify([server, audit, shown]);
    for (const secret of ['query-value-815', 'header-value-162', token]) expect(text).not.toContain(secret);
    expect(await endpoint(serverId)).toMatchObject({
      url: `${guarded.url}?api_key=query-value-815`,
      headers: { 'X-Team': 'header-value-162' },
      auth: { kind: 'bearer', token },
    });
  });

  it('shows a failed probe and saves only when asked to', async () => {
    const wrong = { url: guarded.url, auth: { kind: 'bearer' as const, token: 'wrong-token' } };
    const before = await secretCount();
    const refused = await connectServer(org.ctx, { ...plain(), ...wrong });
    expect(refused).toMatchObject({ serverId: null, probe: { ok: false, failure: { kind: 'auth' } } });
    expect(await secretCount()).toBe(before);
    const serverId = await connected({ ...wrong, saveAnyway: true });
    const { server, tools } = await getServer(org.ctx, { serverId });
    expect(server).toMatchObject({ status: 'unreachable', probeError: { kind: 'auth' }, syncedAt: null });
    expect(tools).toEqual([]);
  });

  it.each([
    ['a metadata address', 'https://169.254.169.254/mcp', 'target_blocked'],
    ['a private address', 'https://10.0.0.7/mcp', 'target_blocked'],
    ['plain http to a host that is not allowed', 'http://mcp.example.com/mcp', 'target_blocked'],
    ['a URL with a password', 'https://ann:secret@mcp.example.com/mcp', 'validation_failed'],
    ['another scheme', 'ftp://mcp.example.com/mcp', 'validation_failed'],
    ['no URL', 'mcp', 'validation_failed'],
  ])('refuses %s, also with saveAnyway', async (_, url, code) => {
    await expect(connectServer(org.ctx, { ...plain(), url, saveAnyway: true })).rejects.toMatchObject({
      code,
      details: { fieldErrors: [{ field: 'url' }] },
    });
  });

  it.each([
    ['a list', '["a"]'],
    ['text that is no JSON', 'X-Team: qa'],
    ['a number as a value', { 'X-Team': 4 }],
    ['a line break in a value', { 'X-Team': 'a\r\nX-Other: b' }],
    ['a name that HTTP does not allow', { 'X Team': 'a' }],
    ['a header of the connection', { Host: 'example.com' }],
    ['the same header twice', { 'x-team': 'a', 'X-Team': 'b' }],
  ])('refuses %s as extra headers', async (_, headers) => {
    await expect(connectServer(org.ctx, { ...plain(), headers })).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('takes headers as the JSON text of a form', async () => {
    const serverId = await connected({ headers: '{"X-Team": "quality"}' });
    expect((await endpoint(serverId)).headers).toEqual({ 'X-Team': 'quality' });
  });

  it('needs an admin', async () => {
    await expect(connectServer(org.as('editor'), plain())).rejects.toMatchObject({ code: 'permission_denied' });
  });
});

describe('a probe of what is not saved', () => {
  it('answers with the tools and keeps nothing', async () => {
    const before = await test.deps.db.server.count();
    const { probe } = await probeServer(org.ctx, {
      transport: 'streamable_http',
      url: shop.url,
      auth: { kind: 'none' },
    });
    expect(probe).toMatchObject({ ok: true, hasResources: true });
    expect(await test.deps.db.server.count()).toBe(before);
  });
});

describe('editing a server', () => {
  const secret = { headers: { 'X-One': 'first-value', 'X-Two': 'second-value' } };

  it('keeps the secrets that are not retyped and destroys those that are replaced', async () => {
    const serverId = await connected({ ...secret, url: `${shop.url}?key=query-value-99` });
    const before = await test.deps.db.server.findFirstOrThrow({ where: { id: serverId } });
    const edit = { serverId, url: `${shop.url}?key=&more=1`, headers: { 'X-One': null, 'X-Three': 'third-value' } };
    expect(await editServer(org.ctx, edit)).toMatchObject({ saved: true, probe: { ok: true } });
    expect(await endpoint(serverId)).toMatchObject({
      url: `${shop.url}?key=query-value-99&more=1`,
      headers: { 'X-One': 'first-value', 'X-Three': 'third-value' },
    });
    expect(await test.deps.secrets.get(org.orgId, before.secretRef ?? '')).toBeNull();
  });

  it('shows a path without its secret, and calls it with it until another one is entered', async () => {
    const path = `${new URL(shop.url).pathname}?`;
    const [segment] = new URL(shop.url).pathname.split('/').filter((part) => part !== '');
    expect(segment).toBeDefined();
    await expect(connected({ pathSecret: 'not-in-the-path' })).rejects.toMatchObject({
      details: { fieldErrors: [{ field: 'pathSecret' }] },
    });
    await expect(connected({ pathSecret: segment ?? '' })).rejects.toMatchObject({
      details: { fieldErrors: [{ field: 'pathSecret', message: expect.stringContaining('fewer than 8') }] },
    });
    const hidden = 'path-secret-1';
    const url = `${new URL(shop.url).origin}/s/${hidden}${path}key=k`;
    const serverId = await connected({ url, pathSecret: hidden, saveAnyway: true });
    const shown = async () => (await getServer(org.ctx, { serverId })).server.url;
    expect(await shown()).toBe(`${new URL(shop.url).origin}/s/…${path.slice(0, -1)}`);
    expect(await endpoint(serverId)).toMatchObject({ url, pathSecrets: [hidden] });
    const stored = JSON.stringify(await test.deps.db.server.findUnique({ where: { id: serverId } }));
    const audit = JSON.stringify(await test.deps.db.auditEvent.findMany({ where: { subject: serverId } }));
    expect(stored + audit).not.toContain(hidden);

    await editServer(org.ctx, { serverId, url: `${await shown()}/more?key=`, saveAnyway: true });
    expect((await endpoint(serverId)).url).toBe(url.replace('?', '/more?'));
    await editServer(org.ctx, { serverId, url: `${await shown()}?key=`, headers: { 'X-One': 'a' }, saveAnyway: true });
    expect((await endpoint(serverId)).url).toBe(url.replace('?', '/more?'));
    const another = url.replace(hidden, 'path-secret-2');
    await editServer(org.ctx, { serverId, url: another, pathSecret: 'path-secret-2', saveAnyway: true });
    expect(await shown()).toBe(`${new URL(shop.url).origin}/s/…${path.slice(0, -1)}`);
    expect((await endpoint(serverId)).url).toBe(another);
    const moved = (await shown()).replace(new URL(shop.url).origin, new URL(guarded.url).origin);
    await expect(editServer(org.ctx, { serverId, url: moved, headers: {}, saveAnyway: true })).rejects.toMatchObject({
      details: { fieldErrors: [{ field: 'url' }] },
    });
  });

  it('changes the name without a probe', async () => {
    const serverId = await connected(secret);
    expect(await editServer(org.ctx, { serverId, name: 'Other', maxConcurrency: 2 })).toEqual({
      saved: true,
      probe: null,
    });
    expect((await getServer(org.ctx, { serverId })).server).toMatchObject({ name: 'Other', maxConcurrency: 2 });
    expect((await endpoint(serverId)).headers).toEqual(secret.headers);
  });

  it('does not save what does not answer', async () => {
    const serverId = await connected();
    const url = `${shop.url}/nothing-here`;
    expect(await editServer(org.ctx, { serverId, url })).toMatchObject({ saved: false, probe: { ok: false } });
    expect((await getServer(org.ctx, { serverId })).server.url).toBe(shop.url);
    expect(await editServer(org.ctx, { serverId, url, saveAnyway: true })).toMatchObject({ saved: true });
    expect((await getServer(org.ctx, { serverId })).server).toMatchObject({ url, status: 'unreachable' });
  });

  it('sends no stored secret to another origin', async () => {
    const serverId = await connected({ ...secret, auth: { kind: 'bearer', token } });
    const { authProfiles } = await getServer(org.ctx, { serverId });
    const profile = authProfiles[0]?.id ?? '';
    await expect(editServer(org.ctx, { serverId, url: guarded.url })).rejects.toMatchObject({
      code: 'validation_failed',
      details: { fieldErrors: [{ field: 'headers.X-One' }, { field: 'headers.X-Two' }] },
    });
    await expect(editServer(org.ctx, { serverId, url: guarded.url, headers: {} })).rejects.toMatchObject({
      details: { fieldErrors: [{ field: `credentials.${profile}` }] },
    });
    const retyped = { serverId, url: guarded.url, headers: {}, credentials: { [profile]: `Bearer ${token}` } };
    expect(await editServer(org.ctx, retyped)).toMatchObject({ saved: true });
    expect(await endpoint(serverId)).toMatchObject({ url: guarded.url, headers: {}, auth: { token } });
  });

  it('leaves the edit of somebody else standing', async () => {
    const serverId = await connected(secret);
    // Both have read the server before the first of them saves.
    let waiting = 2;
    const all = Promise.withResolvers<void>();
    const probe: typeof test.deps.targets.probe = async (...args) => {
      if (--waiting === 0) all.resolve();
      await all.promise;
      return test.deps.targets.probe(...args);
    };
    const ctx = { ...org.ctx, deps: { ...test.deps, targets: { ...test.deps.targets, probe } } };
    const ends = await Promise.allSettled(
      ['a', 'b'].map((value) => editServer(ctx, { serverId, headers: { 'X-One': value } })),
    );
    const won = ends.filter(({ status }) => status === 'fulfilled');
    const lost = ends.filter((end) => end.status === 'rejected');
    expect(won.length).toBe(1);
    for (const { reason } of lost) expect(reason).toMatchObject({ code: 'conflict' });
    const index = ends.findIndex(({ status }) => status === 'fulfilled');
    expect((await endpoint(serverId)).headers).toEqual({ 'X-One': ['a', 'b'][index] });
  });
});

describe('auth profiles', () => {
  const defaults = (serverId: string) =>
    test.deps.db.authProfile.findMany({ where: { serverId, isDefault: true, archivedAt: null }, select: { id: true } });

  it('stand beside each other, with exactly one default', async () => {
    const serverId = await connected({ url: guarded.url, auth: { kind: 'bearer', token } });
    const made = await Promise.all(
      ['One', 'Two', 'Three'].map((name) =>
        createAuthProfile(org.ctx, {
          serverId,
          name,
          auth: { kind: 'bearer', token: `token-of-${name}` },
          isDefault: true,
        }),
      ),
    );
    const [current, ...others] = await defaults(serverId);
    expect(others).toEqual([]);
    expect(made.map(({ authProfileId }) => authProfileId)).toContain(current?.id);
    await expect(createAuthProfile(org.ctx, { serverId, name: 'One', auth: { kind: 'none' } })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('keep a credential that is not retyped, and replace one that is', async () => {
    const serverId = await connected();
    const { authProfileId } = await createAuthProfile(org.ctx, {
      serverId,
      name: 'Key',
      auth: { kind: 'api_key_header', header: 'X-Key', value: 'key-value-1' },
    });
    await editAuthProfile(org.ctx, { authProfileId, auth: { kind: 'api_key_header', header: 'X-Other-Key' } });
    expect((await endpoint(serverId, authProfileId)).auth).toEqual({
      kind: 'api_key_header',
      header: 'X-Other-Key',
      value: 'key-value-1',
    });
    await expect(editAuthProfile(org.ctx, { authProfileId, auth: { kind: 'bearer' } })).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await editAuthProfile(org.ctx, { authProfileId, auth: { kind: 'bearer', token: 'bearer key-value-2' } });
    expect((await endpoint(serverId, authProfileId)).auth).toEqual({ kind: 'bearer', token: 'key-value-2' });
    expect(await storedSecrets(test.deps, org.orgId)).not.toContain('key-value-1');
  });

  it('go with their credential, but for the default one', async () => {
    const serverId = await connected();
    const [first] = await defaults(serverId);
    const auth = { kind: 'bearer' as const, token: 'token-that-goes' };
    const { authProfileId } = await createAuthProfile(org.ctx, { serverId, name: 'Second', auth });
    await expect(archiveAuthProfile(org.ctx, { authProfileId: first?.id ?? '' })).rejects.toMatchObject({
      code: 'conflict',
    });
    await archiveAuthProfile(org.ctx, { authProfileId });
    expect(await storedSecrets(test.deps, org.orgId)).not.toContain('token-that-goes');
    await expect(endpoint(serverId, authProfileId)).rejects.toMatchObject({ code: 'auth_profile_not_found' });
  });
});

describe('reading servers', () => {
  it('pages through the list and never sees those of another workspace', async () => {
    const other = await testOrg(test.deps, { role: 'owner' });
    for (const name of ['A 100% shop', 'B', 'C']) await connectServer(other.ctx, { ...plain(), name });
    const first = await listServers(other.ctx, { limit: 2 });
    expect(first.servers).toMatchObject([{ name: 'C', toolCount: 9, authProfileCount: 1 }, { name: 'B' }]);
    const second = await listServers(other.ctx, { limit: 2, cursor: first.nextCursor ?? '' });
    expect(second).toMatchObject({ servers: [{ name: 'A 100% shop' }], nextCursor: null });
    expect((await listServers(other.ctx, { search: '0%' })).servers).toHaveLength(1);
    expect((await listServers(other.ctx, { search: '_' })).servers).toHaveLength(0);
    const serverId = first.servers[0]?.id ?? '';
    await expect(getServer(org.ctx, { serverId })).rejects.toMatchObject({ code: 'mcp_server_not_found' });
    await expect(editServer(org.ctx, { serverId, name: 'Mine' })).rejects.toMatchObject({
      code: 'mcp_server_not_found',
    });
    await expect(listServers(org.ctx, { cursor: 'nonsense' })).rejects.toMatchObject({ code: 'validation_failed' });
  });
});
