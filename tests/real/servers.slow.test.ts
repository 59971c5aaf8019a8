import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCheckNow } from '../../services/check/run-now.ts';
import { newId } from '../../services/context/ids.ts';
import { createMonitors } from '../../services/monitor/create.ts';
import { testCall } from '../../services/monitor/tool-call/test-call.ts';
import { connectServer } from '../../services/server/connect.ts';
import { getServer } from '../../services/server/reading/get.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../support/setup/context.ts';
import { canRunGo, canRunPython, goPrograms, npmPackages, pythonEnvironment } from './environment.ts';
import { type Command, startProgram } from './process.ts';

let scenario: TestDeps;
let org: TestOrg;
beforeAll(async () => {
  scenario = await testDeps();
  org = await testOrg(scenario.deps);
});
afterAll(() => scenario?.close());

type Transport = 'streamable_http' | 'sse';
/** A tool that asks something of the client, which a test can't answer. */
type Asking = { tool: string; says: RegExp };
type Tool = { tool: string; arguments: { [name: string]: unknown }; says: string };

const inFolder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const everything = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js');
const stdioServer = `${process.execPath} ${everything} stdio`;
const greet: Tool = { tool: 'greet', arguments: { name: 'Ada' }, says: 'Hello, Ada' };
const echo: Tool = { tool: 'echo', arguments: { message: 'there' }, says: 'Echo: there' };

/** Connects the server with its catalog. @returns its id and tools. */
async function connectTo(transport: Transport, url: string) {
  const { serverId, probe } = await connectServer(org.ctx, {
    name: `Server ${newId()}`,
    transport,
    url,
    auth: { kind: 'none' },
  });
  if (serverId === null) throw new Error(`${url} was not connected: ${JSON.stringify(probe)}`);
  const { tools } = await getServer(org.ctx, { serverId });
  return { serverId, probe, tools: tools.map(({ name }) => name) };
}

/** Connects, lists, calls, and checks as a monitor does. @returns the server's id. */
async function expectToWork(transport: Transport, url: string, { says, ...call }: Tool): Promise<string> {
  const { serverId, tools } = await connectTo(transport, url);
  expect(tools).toContain(call.tool);
  const passes = { outcome: 'pass', excerpt: expect.stringContaining(says) };
  expect(await testCall(org.ctx, { serverId, ...call })).toMatchObject(passes);

  const { monitors } = await createMonitors(org.ctx, { serverId, intervalSeconds: 3600, monitors: [call] });
  const [monitorId = ''] = monitors.map(({ id }) => id);
  const attempt = { signal: new AbortController().signal, heartbeat: () => {}, isCanceled: () => false };
  const requestedAt = new Date().toISOString();
  await runCheckNow(org.asSystem(), { monitorId, key: 'once', requestedAt, attempt });
  expect(await scenario.deps.db.check.findFirst({ where: { monitorId } })).toMatchObject(passes);
  return serverId;
}

async function expectToBeAnswered(serverId: string, { tool, says }: Asking): Promise<void> {
  const called = await testCall(org.ctx, { serverId, tool });
  expect(called).toMatchObject({ outcome: 'fail', excerpt: expect.stringMatching(says) });
}

/** Starts the program for the time of `work`. Its output is part of a failure. */
async function withProgram(
  toCommand: (port: number) => Command,
  work: (origin: string) => Promise<unknown>,
): Promise<void> {
  const program = await startProgram(toCommand);
  try {
    await work(`http://127.0.0.1:${program.port}`);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${program.output()}`, { cause: error });
  } finally {
    await program.close();
  }
}

const paths: { [transport in Transport]: string } = { streamable_http: '/mcp', sse: '/sse' };

describe('server-everything', () => {
  it.each([
    ['HTTP', 'streamableHttp', 'streamable_http'],
    ['SSE', 'sse', 'sse'],
  ] as const)('works over %s', async (_, kind, transport) => {
    await withProgram(
      (port) => ({ command: process.execPath, args: [everything, kind], env: { PORT: String(port) } }),
      (origin) => expectToWork(transport, origin + paths[transport], echo),
    );
  });
});

describe('npm packages', () => {
  let modules: string;
  beforeAll(async () => {
    modules = join(await npmPackages(), 'node_modules');
  }, 300_000);

  it.each([
    ['HTTP', 'streamableHttp', 'streamable_http', []],
    ['HTTP with sessions', 'streamableHttp', 'streamable_http', ['--stateful']],
    ['SSE', 'sse', 'sse', []],
  ] as const)('supergateway before a stdio server works over %s', async (_, output, transport, options) => {
    await withProgram(
      (port) => ({
        command: process.execPath,
        args: [
          join(modules, 'supergateway/dist/index.js'),
          ...['--stdio', stdioServer, '--outputTransport', output, '--port', String(port), ...options],
        ],
      }),
      (origin) => expectToWork(transport, origin + paths[transport], echo),
    );
  });

  const playwright = (port: number): Command => ({
    command: process.execPath,
    args: [join(modules, '@playwright/mcp/cli.js'), '--port', String(port), '--host', '127.0.0.1', '--headless'],
  });

  it('@playwright/mcp refuses 127.0.0.1 in its own words', async () => {
    await withProgram(playwright, async (origin) => {
      const { serverId, probe } = await connectServer(org.ctx, {
        name: 'Browser',
        transport: 'streamable_http',
        url: `${origin}/mcp`,
        auth: { kind: 'none' },
      });
      expect(serverId).toBeNull();
      expect(probe).toMatchObject({ ok: false, failure: { details: { status: 403 } } });
      const said = JSON.stringify(probe);
      expect(said).toMatch(/Access is only allowed at localhost:\d+/);
      expect(said).not.toMatch(/these credentials|this auth profile/);
    });
  });

  it('@playwright/mcp works by localhost', async () => {
    await withProgram(playwright, async (origin) => {
      const url = `${origin.replace('127.0.0.1', 'localhost')}/mcp`;
      const { tools, serverId } = await connectTo('streamable_http', url);
      expect(tools).toContain('browser_navigate');
      // No browser is installed, so this is an answer of the tool.
      const called = await testCall(org.ctx, { serverId, tool: 'browser_navigate', arguments: { url: 'about:blank' } });
      expect(called.outcome).not.toBe('error');
    });
  });
});

const pythonRuns = await canRunPython();
const transports = { http: 'streamable_http', json: 'streamable_http', sse: 'sse' } as const;
const roots: Asking = { tool: 'count_roots', says: /asked for roots\/list/ };
const elicitation: Asking = { tool: 'ask_name', says: /asked for elicitation\/create/ };
// It sends nothing to a client that doesn't support sampling.
const sampling: Asking = { tool: 'ask_model', says: /Client does not support sampling/ };
// Clients of this revision get no requests.
const noElicitation: Asking = { tool: 'ask_name', says: /elicitation .* is unavailable on 2026-07-28/ };

describe.skipIf(!pythonRuns).each<{
  name: string;
  environment: 'mcp-1' | 'mcp-2';
  script: string;
  /** The kinds of answers, and the tools that ask something of the client. */
  kinds: { [kind in keyof typeof transports]: Asking[] };
}>([
  {
    name: 'FastMCP 2',
    environment: 'mcp-1',
    script: 'fastmcp_server.py',
    // With JSON answers, it asks for elicitation on no stream, and waits for ever.
    kinds: { http: [roots, elicitation, sampling], json: [roots, sampling], sse: [roots, elicitation, sampling] },
  },
  {
    name: 'FastMCP 4',
    environment: 'mcp-2',
    script: 'fastmcp_server.py',
    kinds: { http: [noElicitation], json: [noElicitation], sse: [elicitation] },
  },
  { name: 'Python SDK 1', environment: 'mcp-1', script: 'sdk_1_server.py', kinds: { http: [], json: [], sse: [] } },
  { name: 'Python SDK 2', environment: 'mcp-2', script: 'sdk_2_server.py', kinds: { http: [], json: [], sse: [] } },
])('$name', ({ environment, script, kinds }) => {
  let python: string;
  beforeAll(async () => {
    python = await pythonEnvironment(environment);
  }, 300_000);

  it.each([
    ['HTTP', 'http'],
    ['HTTP with JSON answers', 'json'],
    ['SSE', 'sse'],
  ] as const)('works over %s, and gets an answer to what it asks of its client', async (_, kind) => {
    await withProgram(
      (port) => ({ command: python, args: [inFolder(`python/${script}`), kind, String(port)] }),
      async (origin) => {
        const serverId = await expectToWork(transports[kind], origin + paths[transports[kind]], greet);
        for (const asking of kinds[kind]) await expectToBeAnswered(serverId, asking);
      },
    );
  });
});

describe.skipIf(!pythonRuns)('mcp-proxy before a stdio server', () => {
  let python: string;
  beforeAll(async () => {
    python = await pythonEnvironment('mcp-1');
  }, 300_000);

  it.each([
    ['HTTP', 'streamable_http'],
    ['SSE', 'sse'],
  ] as const)('works over %s', async (_, transport) => {
    await withProgram(
      (port) => ({
        command: python,
        args: ['-m', 'mcp_proxy', '--port', String(port), '--', process.execPath, everything, 'stdio'],
      }),
      (origin) => expectToWork(transport, origin + paths[transport], echo),
    );
  });
});

describe.skipIf(!(await canRunGo()))('Go', () => {
  let programs: string;
  beforeAll(async () => {
    programs = await goPrograms();
  }, 300_000);

  it.each([
    ['HTTP', 'http', 'streamable_http'],
    ['SSE', 'sse', 'sse'],
  ] as const)('mark3labs/mcp-go works over %s', async (_, kind, transport) => {
    await withProgram(
      (port) => ({ command: join(programs, 'mcp-go'), args: [kind, `127.0.0.1:${port}`] }),
      (origin) => expectToWork(transport, origin + paths[transport], greet),
    );
  });

  it('go-sdk works over HTTP, with a space in the name of its tool, and gets an answer to what it asks', async () => {
    await withProgram(
      (port) => ({ command: join(programs, 'everything'), args: ['-http', `127.0.0.1:${port}`] }),
      async (origin) => {
        const structured = { ...greet, tool: 'greet (structured)', says: 'Ada' };
        const serverId = await expectToWork('streamable_http', origin, structured);
        await expectToBeAnswered(serverId, { tool: 'roots', says: /asked for roots\/list/ });
        await expectToBeAnswered(serverId, { tool: 'sample', says: /asked for sampling\/createMessage/ });
      },
    );
  });
});
