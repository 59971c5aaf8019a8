import { EventEmitter } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../cli/main.ts';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { createApiKey } from '../../services/api-key/create.ts';
import { connectServer } from '../../services/server/connect.ts';
import { editServer } from '../../services/server/edit.ts';
import { getWorkflow } from '../../services/workflow/reading/get.ts';
import { listWorkflows } from '../../services/workflow/reading/list.ts';
import { saveWorkflow } from '../../services/workflow/save.ts';
import type { RunningWorker } from '../../worker/start.ts';
import { type RestApi, startRest } from '../contract/rest/client.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../support/setup/context.ts';
import { startTestWorker } from '../support/setup/worker.ts';

let test: TestDeps;
let shop: ShopServer;
let api: RestApi;
let worker: RunningWorker;
let org: TestOrg;
let key: string;
let cwd: string;

beforeAll(async () => {
  test = await testDeps();
  shop = await startShopServer();
  await test.deps.temporal.ensureSearchAttributes();
  api = await startRest(test.deps);
  worker = await startTestWorker(test.deps);
});
afterAll(async () => {
  await worker?.stop();
  await api?.close();
  await shop?.close();
  await test?.close();
});
beforeEach(async () => {
  org = await testOrg(test.deps);
  await connectServer(org.as('admin'), {
    name: 'Shop',
    transport: 'streamable_http',
    url: shop.url,
    auth: { kind: 'none' },
  });
  ({ key } = await createApiKey(org.as('editor'), { name: 'CI', role: 'editor' }));
  cwd = await mkdtemp(join(tmpdir(), 'armature command '));
  return () => rm(cwd, { recursive: true });
});

type Options = { env?: { [name: string]: string | undefined }; input?: string; onStderr?: (text: string) => void };

/** Runs the command in this process, with standard streams of its own. */
async function armature(args: string[], { env = {}, input = '', onStderr }: Options = {}) {
  const stdin = Object.assign(new PassThrough(), { isTTY: onStderr !== undefined });
  if (!onStderr) stdin.end(input);
  let [stdout, stderr] = ['', ''];
  const events = new EventEmitter();
  events.on('stderr', async (text: string) => {
    await onStderr?.(text);
    if (text.includes('[y/N]')) stdin.write('y\n');
  });
  const code = await run(args, {
    stdin,
    stdout: { write: (text) => (stdout += text) },
    stderr: {
      write(text) {
        stderr += text;
        events.emit('stderr', text);
      },
    },
    env: { ARMATURE_URL: new URL(api.url).origin, ARMATURE_API_KEY: key, XDG_CONFIG_HOME: join(cwd, 'config'), ...env },
    cwd,
    signal: new AbortController().signal,
  });
  expect(stdout + stderr).not.toContain(key);
  return { code, stdout, stderr, json: () => JSON.parse(stdout) };
}

const file = `# Our shop
version: 1
server: {name: Shop}
workflows:
  - id: find-a-mug
    name: Find a mug
    prompt: |
      call search_products {"query": "mug"}
    criteria:
      # free
      - calls \`search_products\` once
    models: [builtin/scripted]
    judge: builtin/assertions
  - id: fail
    prompt: call search_products {"query":"mug"}
    criteria: [calls \`create_order\` once]
  - id: unreadable
    prompt: Do something.
    criteria: [it works]
monitors:
  - {id: mugs, tool: search_products, arguments: {query: mug}, every: 5m}
`;
const write = (text: string, name = 'armature.yaml') => writeFile(join(cwd, name), text);

describe('product', () => {
  it('publishes a document, lists it, and holds back what breaks callers', async () => {
    const document = await (await fetch(shop.documentUrl)).json();
    await write(JSON.stringify(document), 'openapi.json');
    const push = ['product', 'push', 'openapi.json', '--slug', 'shop'];
    expect(await armature(push)).toMatchObject({ code: 2, stderr: expect.stringContaining('Give --base-url') });
    const first = await armature([...push, '--base-url', shop.apiUrl, '--activate']);
    expect(first).toMatchObject({ code: 0, stdout: 'Version 1 of shop: 9 tools.\nIt is active.\n' });
    expect(await armature(['product', 'list'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/shop +needs setup +1 +http\S+\/p\/\S+\/shop +shop/),
    });
    delete document.paths['/me'];
    await write(JSON.stringify(document), 'openapi.json');
    const broken = await armature([...push, '--activate']);
    expect(broken).toMatchObject({ code: 1, stdout: expect.stringContaining('breaking   getAccount: removed') });
    expect(broken.stdout).toContain('It is not active: callers would break.');
    expect((await armature([...push, '--activate', '--allow-breaking', '--json'])).json()).toMatchObject({
      activated: true,
      document: { number: 2 },
    });
  });
});

describe('push', () => {
  it('shows the plan, applies it, and then has nothing to change, under another file name too', async () => {
    await write(file);
    const planned = await armature(['push', '--dry-run']);
    expect(planned).toMatchObject({ code: 0 });
    expect(planned.stdout).toContain('+ create workflow find-a-mug\n');
    expect(planned.stdout).toContain('4 to create. Nothing was applied.');
    expect(await armature(['push'])).toMatchObject({ code: 2, stderr: expect.stringContaining('Add --yes') });
    expect(await listWorkflows(org.ctx, {})).toMatchObject({ workflows: [] });
    expect(await armature(['push', '--yes'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Applied: 4 to create.'),
    });
    await mkdir(join(cwd, 'armature'));
    await rename(join(cwd, 'armature.yaml'), join(cwd, 'armature/renamed.yaml'));
    expect(await armature(['push', '--prune', '--yes'])).toMatchObject({ code: 0, stdout: 'Nothing to change.\n' });
  });

  it('shows changes property by property, texts by line', async () => {
    await write(file);
    await armature(['push', '--yes']);
    await write(file.replace('"mug"}\n', '"cup"}\n      call get_order {}\n').replace('every: 5m', 'every: 15m'));
    const { stdout } = await armature(['push', '--dry-run']);
    expect(stdout).toBe(
      [
        '~ change workflow find-a-mug',
        '    prompt:',
        '      - call search_products {"query": "mug"}',
        '      + call search_products {"query": "cup"}',
        '      + call get_order {}',
        '~ change monitor mugs',
        '    every: 5m → 15m',
        '2 to change. Nothing was applied.',
        '',
      ].join('\n'),
    );
    const { json } = await armature(['push', '--dry-run', '--json']);
    expect(json()).toMatchObject({ changes: [{ id: 'find-a-mug' }, { id: 'mugs' }], applied: false });
  });

  it('archives with --prune only', async () => {
    await write(file);
    await armature(['push', '--yes']);
    await write('version: 1\nserver: {name: Shop}\nworkflows: []\n');
    expect(await armature(['push', '--yes'])).toMatchObject({
      stdout: 'Nothing to change.\n',
      stderr: expect.stringContaining('4 in the workspace'),
    });
    const { stdout } = await armature(['push', '--prune', '--yes']);
    expect(stdout).toContain('- archive workflow find-a-mug\n');
    expect(stdout).toContain('Applied: 3 to archive.');
  });

  it('names the place in the file of what the command and the server refuse', async () => {
    await write(file.replace('prompt: |', 'promt: |'));
    expect(await armature(['push', '--yes'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('armature.yaml:7:5: Unknown member "promt". Did you mean prompt?'),
    });
    await write(file.replace('tool: search_products', 'tool: nothing'));
    expect(await armature(['push', '--yes'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('armature.yaml:21:22: The server has no tool "nothing".'),
    });
    await write(file.replace('name: Shop', 'name: Other'));
    expect(await armature(['push', '--yes'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('armature.yaml:3:9: This workspace has no server "Other".'),
    });
  });

  it('is refused when somebody saves while it asks', async () => {
    await write(file);
    await armature(['push', '--yes']);
    await write(file.replace('name: Find a mug', 'name: Search a mug'));
    const { workflows } = await listWorkflows(org.ctx, { slug: 'find-a-mug' });
    const [found] = workflows;
    const workflowId = found?.id ?? '';
    const { code, stderr } = await armature(['push'], {
      async onStderr(text) {
        if (text.includes('[y/N]'))
          await saveWorkflow(org.ctx, {
            workflowId,
            baseVersionId: found?.activeVersionId ?? '',
            changes: { description: 'Saved by hand' },
          });
      },
    });
    expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringContaining('Nothing was applied.') });
    const { definition } = await getWorkflow(org.ctx, { workflowId });
    expect(definition).toMatchObject({ name: 'Find a mug', description: 'Saved by hand' });
  });
});

describe('pull', () => {
  it('writes new files, which a push then finds unchanged', async () => {
    await write(file);
    await armature(['push', '--yes']);
    await rm(join(cwd, 'armature.yaml'));
    expect(await armature(['pull'])).toMatchObject({ code: 0, stdout: 'Created armature/shop.yaml\n' });
    expect(await readFile(join(cwd, 'armature/shop.yaml'), 'utf8')).toMatch(
      /^# yaml-language-server: \$schema=http.*\/schemas\/workflows.json\n/,
    );
    expect(await armature(['pull'])).toMatchObject({ stdout: 'The files are up to date.\n' });
    expect(await armature(['push', '--prune', '--yes'])).toMatchObject({ stdout: 'Nothing to change.\n' });
  });

  it('takes over what was changed on the server, and keeps the rest of the file', async () => {
    await write(file);
    await armature(['push', '--yes']);
    const { workflows } = await listWorkflows(org.ctx, { slug: 'find-a-mug' });
    const [found] = workflows;
    await saveWorkflow(org.ctx, {
      workflowId: found?.id ?? '',
      baseVersionId: found?.activeVersionId ?? '',
      changes: {
        name: 'Search a mug',
        criteria: [{ text: 'no tool call fails' }, { text: 'calls `search_products` once' }],
      },
    });
    expect(await armature(['pull'])).toMatchObject({ stdout: 'Changed armature.yaml\n' });
    expect(await readFile(join(cwd, 'armature.yaml'), 'utf8')).toBe(
      file
        .replace('Find a mug', 'Search a mug')
        .replace('      # free\n', '      - no tool call fails\n      # free\n')
        .replace('call search_products {"query":"mug"}', 'call search_products {"query":"mug"}'),
    );
    expect(await armature(['push', '--yes'])).toMatchObject({ stdout: 'Nothing to change.\n' });
    expect((await readdir(cwd)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('pull, where servers have changed', () => {
  const second = `version: 1
server: {name: Mirror}
monitors:
  - {id: mirrored, tool: search_products, arguments: {query: cup}, every: 5m}
`;
  const connectMirror = async () => {
    const connection = { transport: 'streamable_http' as const, url: shop.url, auth: { kind: 'none' as const } };
    const { serverId } = await connectServer(org.as('admin'), { name: 'Mirror', ...connection });
    if (serverId === null) throw new Error('The server was not saved.');
    return serverId;
  };
  const idOf = async (slug: string) => (await listWorkflows(org.ctx, { slug })).workflows[0];

  it('moves a workflow to the file of the server that it tests now', async () => {
    await write(file);
    await mkdir(join(cwd, 'armature'));
    await write(second, 'armature/mirror.yaml');
    const serverId = await connectMirror();
    await armature(['push', '--yes']);
    const moved = await idOf('find-a-mug');
    await saveWorkflow(org.ctx, {
      workflowId: moved?.id ?? '',
      baseVersionId: moved?.activeVersionId ?? '',
      changes: { serverId },
    });
    expect(await armature(['pull'])).toMatchObject({ stdout: 'Changed armature.yaml\nChanged armature/mirror.yaml\n' });
    expect(await readFile(join(cwd, 'armature.yaml'), 'utf8')).not.toContain('find-a-mug');
    expect(await readFile(join(cwd, 'armature/mirror.yaml'), 'utf8')).toContain('id: find-a-mug');
    expect(await armature(['pull'])).toMatchObject({ stdout: 'The files are up to date.\n' });
    expect(await armature(['push', '--prune', '--yes'])).toMatchObject({ stdout: 'Nothing to change.\n' });
  });

  it('gives a server without a file its own beside armature.yaml, which a push reads as well', async () => {
    await write(file);
    await connectMirror();
    await write(second, 'other.yaml');
    await armature(['push', 'armature.yaml', 'other.yaml', '--yes']);
    expect(await armature(['pull'])).toMatchObject({ stdout: 'Created armature/mirror.yaml\n' });
    expect(await armature(['pull'])).toMatchObject({ stdout: 'The files are up to date.\n' });
    expect(await armature(['push', '--prune', '--yes'])).toMatchObject({ stdout: 'Nothing to change.\n' });
  });

  it('follows a server to its new name', async () => {
    await write(file);
    await armature(['push', '--yes']);
    const { serverId } = (await idOf('find-a-mug')) ?? { serverId: '' };
    await editServer(org.as('admin'), { serverId, name: 'Shop 2' });
    expect(await armature(['pull'])).toMatchObject({ stdout: 'Changed armature.yaml\n' });
    expect(await readFile(join(cwd, 'armature.yaml'), 'utf8')).toBe(file.replace('name: Shop', 'name: Shop 2'));
    expect(await armature(['push', '--prune', '--yes'])).toMatchObject({ stdout: 'Nothing to change.\n' });
  });
});

describe('run', () => {
  it('waits for the verdict, which is the exit code', async () => {
    await write(file);
    await armature(['push', '--yes']);
    const passed = await armature(['run', 'find-a-mug', '--wait', '--json', '--commit', 'abc123']);
    expect(passed).toMatchObject({ code: 0 });
    expect(passed.json()).toMatchObject({ runs: [{ status: 'pass', metadata: { commit: 'abc123' } }] });
    const failed = await armature(['run', 'fail', '--wait']);
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('calls `create_order` once') });
    expect(await armature(['run', 'unreadable', '--wait'])).toMatchObject({ code: 3 });
    expect(await armature(['run', 'nothing'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no workflow "nothing"'),
    });

    const { stdout } = await armature(['runs', '--workflow', 'find-a-mug', '--json']);
    const [{ id }] = JSON.parse(stdout).rows;
    expect(await armature(['run', 'show', id])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('call-1  search_products  ok'),
    });
    const started = await armature(['run', 'find-a-mug', '--json']);
    const [{ runId }] = started.json().runs;
    await expect.poll(async () => (await armature(['run', 'show', runId, '--json'])).json().run.status).toBe('pass');
    expect(await armature(['compare', id, runId])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('pass → pass'),
    });
    const failing = JSON.parse((await armature(['runs', '--status', 'fail', '--json'])).stdout).rows[0].id;
    expect(await armature(['diagnose', failing])).toMatchObject({ code: 0 });
    expect(await armature(['workflows'])).toMatchObject({ stdout: expect.stringMatching(/find-a-mug +active +pass/) });
    expect(await armature(['monitors'])).toMatchObject({ stdout: expect.stringMatching(/mugs +unchecked/) });
    expect(await armature(['incidents'])).toMatchObject({ stdout: 'No open incidents.\n' });
    expect(await armature(['coverage', 'Shop'])).toMatchObject({
      stdout: expect.stringMatching(/yes +search_products/),
    });
  });
});

describe('login', () => {
  it('keeps a key that works in a file that only its owner reads, for its server alone', async () => {
    const env = { ARMATURE_API_KEY: undefined, ARMATURE_URL: undefined, PATH: '' };
    const url = new URL(api.url).origin;
    const refused = await armature(['login', url, '--api-key', '-'], { env, input: 'amt_wrong' });
    expect(refused).toMatchObject({ code: 2 });
    expect(await armature(['whoami'], { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('armature login'),
    });
    expect(await armature(['login', url, '--api-key', '-'], { env, input: `${key}\n` })).toMatchObject({ code: 0 });
    const path = join(cwd, 'config/armature/login.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await armature(['whoami'], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Role       editor'),
    });
    expect(await armature(['whoami', '--armature', 'http://127.0.0.1:9'], { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('No API key for http://127.0.0.1:9'),
    });
  });

  it.skipIf(process.platform === 'darwin')("keeps it in the system's keychain where there is one", async () => {
    const tool = join(cwd, 'secret-tool');
    const kept = join(cwd, 'kept');
    await writeFile(tool, `#!/bin/sh\nif [ "$1" = store ]; then /bin/cat > '${kept}'; else /bin/cat '${kept}'; fi\n`);
    await chmod(tool, 0o755);
    const env = { ARMATURE_API_KEY: undefined, ARMATURE_URL: undefined, PATH: cwd };
    const url = new URL(api.url).origin;
    const { stderr } = await armature(['login', url, '--api-key', '-'], { env, input: key });
    expect(stderr).toContain("system's keychain");
    expect(await readFile(join(cwd, 'config/armature/login.json'), 'utf8')).not.toContain(key);
    expect(await armature(['whoami'], { env })).toMatchObject({ code: 0 });
  });
});

describe('a server that can answer later', () => {
  async function withServer(
    answers: { status: number; headers?: { [name: string]: string } }[],
    work: (url: string, seen: { keys: (string | undefined)[] }) => Promise<void>,
  ) {
    const seen = { keys: [] as (string | undefined)[] };
    const server: Server = createServer((request, response) => {
      seen.keys.push(request.headers['idempotency-key']?.toString());
      const next = answers.shift() ?? { status: 200 };
      response.writeHead(next.status, { 'content-type': 'application/json', ...next.headers });
      response.end(
        JSON.stringify(
          next.status === 200
            ? {
                organization: { slug: 'acme', name: 'Acme' },
                actor: { apiKeyName: 'CI', role: 'editor', email: null },
                changes: [],
                notInFiles: [],
                warnings: [],
                token: 't',
              }
            : { error: { code: 'rate_limited', message: 'Too many requests.', remediation: 'Wait.' } },
        ),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      await work(`http://127.0.0.1:${port}`, seen);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  it('is asked again as it says, with the same key', async () => {
    await write(file);
    await withServer(
      [
        { status: 429, headers: { 'retry-after': '0' } },
        { status: 503, headers: { 'retry-after': '0' } },
      ],
      async (url, seen) => {
        expect(await armature(['push', '--dry-run'], { env: { ARMATURE_URL: url } })).toMatchObject({ code: 0 });
        expect(seen.keys).toHaveLength(3);
        expect(new Set(seen.keys).size).toBe(1);
      },
    );
  });

  it('ends as incomplete when it never does, and is not followed elsewhere', async () => {
    const busy = Array.from({ length: 9 }, () => ({ status: 429, headers: { 'retry-after': '0' } }));
    await withServer(busy, async (url) => {
      expect(await armature(['whoami'], { env: { ARMATURE_URL: url } })).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('Too many requests. Wait.'),
      });
    });
    await withServer([{ status: 302, headers: { location: api.url } }], async (url) => {
      expect(await armature(['whoami'], { env: { ARMATURE_URL: url } })).toMatchObject({ code: 3 });
    });
    expect(await armature(['whoami'], { env: { ARMATURE_URL: 'http://127.0.0.1:9' } })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("http://127.0.0.1:9 can't be reached"),
    });
  });
});
