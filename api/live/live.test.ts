import { connect } from 'node:net';
import { createParser } from 'eventsource-parser';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveFollower } from '../../infra/live/index.ts';
import { signOut } from '../../services/account/sign-out.ts';
import { createDeps } from '../../services/context/deps.ts';
import { newId } from '../../services/context/ids.ts';
import { lowerRole, signUp, type Workspace } from '../../tests/support/browser/workspace.ts';
import { type TestDeps, testDeps } from '../../tests/support/setup/context.ts';
import { createApp } from '../app.ts';
import { listen } from '../listen.ts';

type Received = { event?: string | undefined; id?: string | undefined; data: string };

let test: TestDeps;
let app: { url: string; close(): Promise<void> };
const opened: { stop(): void }[] = [];

async function startApi(deps: TestDeps['deps']): Promise<typeof app> {
  const { port, close } = await listen(await createApp(deps, (_request, response) => void response.sendStatus(404)), {
    port: 0,
    host: '127.0.0.1',
  });
  return { url: `http://127.0.0.1:${port}`, close };
}

beforeAll(async () => {
  test = await testDeps({ env: { ARMATURE_OPEN_SIGNUP: 'true' } });
  app = await startApi(test.deps);
});
afterAll(async () => {
  for (const { stop } of opened) stop();
  await app?.close();
  await test?.close();
});

const newWorkspace = (): Promise<Workspace> => signUp({ ...test, url: app.url });

/** A stream with all that arrived on it. `ended` resolves when the server has closed it. */
async function openStream(
  { slug, cookie }: Pick<Workspace, 'slug' | 'cookie'>,
  { after, lastEventId, url = app.url }: { after?: string; lastEventId?: string; url?: string } = {},
) {
  const stopping = new AbortController();
  const response = await fetch(`${url}/o/${slug}/live${after === undefined ? '' : `?after=${after}`}`, {
    headers: { cookie, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) },
    signal: stopping.signal,
  });
  const received: Received[] = [];
  const parser = createParser({ onEvent: (event) => received.push(event) });
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
  };
  const ended = response.ok ? read() : response.text().then(() => {});
  ended.catch(() => {});
  const stream = { response, received, ended, stop: () => stopping.abort() };
  opened.push(stream);
  return stream;
}

type Stream = Awaited<ReturnType<typeof openStream>>;
const changesOf = ({ received }: Stream): unknown[] =>
  received.filter(({ event }) => event === 'changes').map(({ data }) => JSON.parse(data));
const lastIdOf = ({ received }: Stream): string => received.findLast(({ id }) => id !== undefined)?.id ?? '';
const refreshesOf = ({ received }: Stream): number => received.filter(({ event }) => event === 'refresh').length;

/** A stream that has said from where on it follows. */
async function openFollowing(workspace: Workspace): Promise<Stream> {
  const stream = await openStream(workspace);
  await expect.poll(() => refreshesOf(stream)).toBe(1);
  return stream;
}

async function addServer({ orgId }: Workspace): Promise<string> {
  const id = newId();
  await test.deps.db.server.create({
    data: { id, orgId, name: 'Shop', transport: 'streamable_http', url: 'http://localhost:9/' },
  });
  return id;
}

describe('GET /o/:org/live', () => {
  it('is for the members of the workspace', async () => {
    const [one, other] = [await newWorkspace(), await newWorkspace()];
    for (const cookie of ['', 'armature.session_token=wrong', other.cookie]) {
      const { response } = await openStream({ slug: one.slug, cookie });
      expect(response.status).toBe(401);
    }
    const { response } = await openStream(one);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toContain('no-store');
  });

  it('names what changes in this workspace, and nothing of another', async () => {
    const [one, other] = [await newWorkspace(), await newWorkspace()];
    const stream = await openFollowing(one);
    await addServer(other);
    const server = await addServer(one);
    await expect.poll(() => changesOf(stream)).toEqual([{ server: [server] }]);
    test.deps.live.announce({ orgId: other.orgId, topic: 'run', id: newId() });
    const runId = newId();
    test.deps.live.announce({ orgId: one.orgId, topic: 'run', id: runId });
    await expect.poll(() => changesOf(stream)).toEqual([{ server: [server] }, { run: [runId] }]);
  });

  it('names each row once in a transaction, none of a rolled back one, and no row of many', async () => {
    const workspace = await newWorkspace();
    const { db } = test.deps;
    const stream = await openFollowing(workspace);
    const server = await addServer(workspace);
    await expect.poll(() => changesOf(stream)).toEqual([{ server: [server] }]);
    const update = (name: string) => ({ where: { id: server }, data: { name } });
    await expect(
      db.$transaction(async (tx) => {
        await tx.server.update(update('Undone'));
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    await db.server.createMany({
      data: Array.from({ length: 11 }, () => ({
        id: newId(),
        orgId: workspace.orgId,
        name: 'Many',
        transport: 'sse',
        url: 'http://localhost:9/',
      })),
    });
    await expect.poll(() => changesOf(stream)).toEqual([{ server: [server] }, { server: null }]);
    await db.$transaction(async (tx) => {
      await tx.server.update(update('Shop 2'));
      await tx.server.update(update('Shop 3'));
    });
    await expect.poll(() => changesOf(stream)).toEqual([{ server: [server] }, { server: null }, { server: [server] }]);
  });

  it('sends what was missed to a reader who comes back, and a refresh where that is not known', async () => {
    const workspace = await newWorkspace();
    const first = await openFollowing(workspace);
    const position = lastIdOf(first);
    const server = await addServer(workspace);
    await expect.poll(() => changesOf(first)).toHaveLength(1);
    const latest = lastIdOf(first);
    first.stop();
    const [byHeader, byQuery, current, unknown] = [
      await openStream(workspace, { lastEventId: position }),
      await openStream(workspace, { after: position }),
      await openStream(workspace, { after: latest }),
      await openStream(workspace, { after: 'of-another-process-3' }),
    ];
    await expect.poll(() => changesOf(byHeader)).toEqual([{ server: [server] }]);
    await expect.poll(() => changesOf(byQuery)).toEqual([{ server: [server] }]);
    await expect.poll(() => refreshesOf(unknown)).toBe(1);
    const next = await addServer(workspace);
    await expect.poll(() => changesOf(current)).toEqual([{ server: [next] }]);
    expect([byHeader, byQuery, current].map(refreshesOf)).toEqual([0, 0, 0]);
  });

  it('ends when the reader signs out', async () => {
    const workspace = await newWorkspace();
    const stream = await openFollowing(workspace);
    const visit = { cookie: workspace.cookie, address: '127.0.0.1', userAgent: 'test' };
    await signOut({ ...workspace.ctx, actor: { kind: 'visitor', id: 'test' } }, { visit });
    await stream.ended;
    expect(stream.received.at(-1)).toMatchObject({ event: 'end' });
    expect((await openStream(workspace)).response.status).toBe(401);
  });

  it('ends when the reader is no member any more, and only theirs', async () => {
    const [leaving, staying] = [await newWorkspace(), await newWorkspace()];
    const streams = { leaving: await openFollowing(leaving), staying: await openFollowing(staying) };
    await lowerRole(leaving, 'editor');
    await test.deps.db.member.deleteMany({ where: { orgId: leaving.orgId, role: 'editor' } });
    await streams.leaving.ended;
    expect(streams.leaving.received.at(-1)).toMatchObject({ event: 'end' });
    const server = await addServer(staying);
    await expect.poll(() => changesOf(streams.staying)).toEqual([{ server: [server] }]);
  });

  it('refreshes all streams after the connection to the database was lost', async () => {
    const workspace = await newWorkspace();
    const stream = await openFollowing(workspace);
    const before = lastIdOf(stream);
    const owner = new Client({ connectionString: test.database.ownerUrl });
    await owner.connect();
    const { rowCount } = await owner.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
    );
    await owner.end();
    expect(rowCount).toBe(1);
    await expect.poll(() => refreshesOf(stream)).toBe(2);
    const server = await addServer(workspace);
    await expect.poll(() => changesOf(stream)).toEqual([{ server: [server] }]);
    const late = await openStream(workspace, { after: before });
    await expect.poll(() => refreshesOf(late)).toBe(1);
  });

  it('refuses more streams of one person than fit', async () => {
    const workspace = await newWorkspace();
    const streams = await Promise.all(Array.from({ length: 12 }, () => openStream(workspace)));
    expect(streams.map(({ response }) => response.status)).toEqual(Array.from({ length: 12 }, () => 200));
    expect((await openStream(workspace)).response.status).toBe(429);
    streams[0]?.stop();
    await expect.poll(async () => (await openStream(workspace)).response.status).toBe(200);
  });

  it('drops a reader who does not read', async () => {
    const workspace = await newWorkspace();
    const followers = new Set<LiveFollower>();
    const live = {
      announce() {},
      position: () => null,
      follow(_: unknown, follower: LiveFollower) {
        followers.add(follower);
        return () => void followers.delete(follower);
      },
      async close() {},
    };
    const { close, ...deps } = createDeps(test.deps.config, test.deps.log, { ...test.deps, live });
    const own = await startApi(deps);
    const { port, hostname } = new URL(own.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    socket.pause();
    socket.write(`GET /o/${workspace.slug}/live HTTP/1.1\r\nHost: ${hostname}\r\nCookie: ${workspace.cookie}\r\n\r\n`);
    await expect.poll(() => followers.size).toBe(1);
    const changes = { run: Array.from({ length: 1000 }, () => newId()) };
    let sent = 0;
    // Each turn of the loop lets Node hand on to the network what it takes.
    while (followers.size > 0 && sent < 10_000) {
      for (const follower of followers)
        follower.onChanges({ position: `x-${++sent}`, orgId: workspace.orgId, changes });
      await new Promise(setImmediate);
    }
    expect(followers.size).toBe(0);
    socket.destroy();
    await own.close();
    await close();
  });

  it('ends with the process, without making it wait', async () => {
    const workspace = await newWorkspace();
    const own = await startApi(test.deps);
    const stream = await openStream(workspace, { url: own.url });
    await own.close();
    // It would reject if the connection had been cut, as happens to requests that don't end within ten seconds.
    await stream.ended;
  });
});
