import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { canRunGo, canRunPython, goPrograms, npmPackages, pythonEnvironment } from '../../../real/environment.ts';
import { connect, keyOf } from '../endpoint.ts';
import { type Stage, startStage } from '../stage.ts';
import {
  type Adapter,
  expectMet,
  expectProgress,
  expectRead,
  type Ids,
  meet,
  newAdapter,
  oldAdapter,
  toolNames,
  unknownRun,
  wrongArgument,
} from './meeting.ts';

const run = promisify(execFile);
const inFolder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const pythonRuns = await canRunPython();
const goRuns = await canRunGo();
const installMs = 300_000;

let stage: Stage;
let url: string;
let key: string;
let ids: Ids;

beforeAll(async () => {
  stage = await startStage();
  url = stage.endpoint.url;
  key = await keyOf(stage.scenario.org, 'editor');
  ids = { workflowId: stage.workflowId, runId: stage.failedRunId };
});
afterAll(() => stage?.close());

const wrongKey = () => `${key.slice(0, -4)}aaaa`;
const argsWith = (given: string) => [url, given, ids.workflowId, ids.runId];
type Program = [command: string, ...args: string[]];

/** What a program prints. */
async function reportOf([command, ...args]: Program): Promise<unknown> {
  return JSON.parse((await run(command, args, { timeout: 120_000, maxBuffer: 32 * 1024 * 1024 })).stdout);
}

/** What a program says that fails, without a page of HTML. */
async function failureOf([command, ...args]: Program, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const failed = z.object({ code: z.number().positive(), stdout: z.string(), stderr: z.string() });
  const result: unknown = await run(command, args, { timeout: 120_000, env: { ...process.env, ...env } }).catch(
    (error: unknown) => error,
  );
  const { stdout, stderr } = failed.parse(result);
  expect(stdout + stderr).not.toMatch(/<html|<!doctype|<body/i);
  return stdout + stderr;
}

describe('the official SDK', () => {
  it.each(['auto', 'legacy'] as const)('version 2, negotiating %s', async (era) => {
    const client = await connect(url, key, era);
    const met = expectMet(await meet(newAdapter(client), `the SDK, ${era}`, ids), ids);
    expectProgress(met.progress);
    await client.close();
    await expect(connect(url, wrongKey(), era)).rejects.toThrow(/401|unauthorized|unauthenticated/i);
  });

  it('version 1', async () => {
    const toTransport = (given: string) =>
      // The package declares its own transport without `exactOptionalPropertyTypes` in mind.
      new OldTransport(new URL(url), { requestInit: { headers: { authorization: `Bearer ${given}` } } }) as Transport;
    const client = new OldClient({ name: 'old', version: '1.0.0' });
    await client.connect(toTransport(key));
    const met = expectMet(await meet(oldAdapter(client), 'the old SDK', ids), ids);
    expectProgress(met.progress);
    await client.close();
    const refused = new OldClient({ name: 'old', version: '1.0.0' });
    await expect(refused.connect(toTransport(wrongKey()))).rejects.toThrow(/unauthenticated: |"unauthenticated"/);
  });
});

describe.skipIf(!pythonRuns).each<{
  name: string;
  environment: 'mcp-1' | 'mcp-2';
  script: string;
  mode?: string;
  protocol: string;
  /** What the client says of a wrong key. */
  refusal: RegExp;
}>([
  {
    name: "Python's SDK 2",
    environment: 'mcp-2',
    script: 'sdk_2.py',
    mode: 'auto',
    protocol: '2026-07-28',
    refusal: /MCPError: Server returned an error response/,
  },
  {
    name: "Python's SDK 2 on the older era",
    environment: 'mcp-2',
    script: 'sdk_2.py',
    mode: 'legacy',
    protocol: '2025-11-25',
    refusal: /MCPError: Server returned an error response/,
  },
  {
    name: "Python's SDK 1",
    environment: 'mcp-1',
    script: 'sdk_1.py',
    protocol: '2025-11-25',
    refusal: /401 Unauthorized/,
  },
  {
    name: 'FastMCP 4',
    environment: 'mcp-2',
    script: 'fastmcp_4.py',
    protocol: '2026-07-28',
    refusal: /MCPError: Server returned an error response/,
  },
])('$name (needs Python 3.11 or later)', ({ environment, script, mode, protocol, refusal }) => {
  let program: Program;
  beforeAll(async () => {
    program = [await pythonEnvironment(environment), inFolder(script)];
  }, installMs);

  const argsFor = (given: string) => [...argsWith(given), ...(mode === undefined ? [] : [mode])];

  it('lists, calls, reads, prompts, follows progress, and gets errors that tell what to do', async () => {
    const given = await reportOf([...program, ...argsFor(key)]);
    expect(given).toMatchObject({ protocol });
    expectProgress(expectMet(given, ids).progress);
  });

  it('says that a key is wrong', async () => {
    expect(await failureOf([...program, ...argsFor(wrongKey())])).toMatch(refusal);
  });
});

describe.skipIf(!goRuns)("Go's SDK (needs Go)", () => {
  let program: Program;
  beforeAll(async () => {
    program = [join(await goPrograms(), 'client')];
  }, installMs);

  it('lists, calls, reads, prompts, follows progress, and gets errors that tell what to do', async () => {
    const given = await reportOf([...program, ...argsWith(key)]);
    expect(given).toMatchObject({ protocol: '2026-07-28' });
    expectProgress(expectMet(given, ids).progress);
  });

  it('says that a key is wrong', async () => {
    expect(await failureOf([...program, ...argsWith(wrongKey())])).toMatch(/Unauthorized/);
  });
});

describe.skipIf(!pythonRuns)('agents, whose models follow a script (need Python 3.11 or later)', () => {
  const agent = z.object({
    tools: z.array(z.string()),
    seen: z.array(z.unknown()),
    final: z.string(),
    resource: z.string(),
    prompt: z.string(),
  });
  let openai: Program;
  let langchain: Program;
  beforeAll(async () => {
    openai = [await pythonEnvironment('mcp-2'), inFolder('openai_agents.py')];
    langchain = [await pythonEnvironment('mcp-1'), inFolder('langchain_agent.py')];
  }, 2 * installMs);

  /** The model saw what to do after each error, and went on to the end. */
  function expectToGoOn(given: unknown): void {
    const { tools, seen, final, ...rest } = agent.parse(given);
    expect({ tools, final }).toEqual({ tools: toolNames, final: 'Done.' });
    const [wrong, unknown, answer] = seen.map((each) => JSON.stringify(each));
    expect(wrong).toContain(wrongArgument);
    expect(unknown).toContain(unknownRun);
    expect(answer).toContain(ids.workflowId);
    expectRead(rest, ids.runId);
  }

  it("OpenAI's Agents SDK makes every schema strict, and goes on after errors", async () => {
    const given = await reportOf([...openai, ...argsWith(key)]);
    expect(given).toMatchObject({ strict: toolNames });
    expectToGoOn(given);
    expect(await failureOf([...openai, ...argsWith(wrongKey())])).toMatch(/Server returned an error response/);
  });

  it("LangGraph's ToolNode goes on after errors of LangChain's adapter", async () => {
    const given = await reportOf([...langchain, ...argsWith(key)]);
    expect(given).toMatchObject({ statuses: ['error', 'error', 'success', 'success'] });
    expectToGoOn(given);
    expectProgress(z.object({ progress: z.array(z.number()) }).parse(given).progress);
    expect(await failureOf([...langchain, ...argsWith(wrongKey())])).toMatch(/401 Unauthorized/);
  });
});

describe('npm packages', () => {
  let modules: string;
  let folder: string;
  beforeAll(async () => {
    modules = join(await npmPackages(), 'node_modules');
    // Where they keep what they know of servers, which is nothing here.
    folder = await mkdtemp(join(tmpdir(), 'armature-clients-'));
  }, installMs);
  afterAll(async () => {
    if (folder) await rm(folder, { recursive: true });
  });

  const inspect = (given: string, ...args: string[]): Program => [
    process.execPath,
    join(modules, '@modelcontextprotocol/inspector/clients/launcher/build/index.js'),
    ...['--cli', url, '--transport', 'http', '--header', `Authorization: Bearer ${given}`, ...args],
  ];

  /** Each method is a process of its own. Its exit code says whether a tool failed, too. */
  async function inspected(...args: string[]): Promise<unknown> {
    const [command, ...rest] = inspect(key, ...args);
    const { stdout } = await run(command, rest, { timeout: 120_000, maxBuffer: 32 * 1024 * 1024 }).catch(
      (error: unknown) => z.object({ stdout: z.string().min(1) }).parse(error),
    );
    return JSON.parse(stdout);
  }

  const inspector: Adapter = {
    tools: async () =>
      z
        .object({ tools: z.array(z.object({ name: z.string() })) })
        .parse(await inspected('--method', 'tools/list'))
        .tools.map(({ name }) => name),
    call: (name, args) =>
      inspected(
        ...['--method', 'tools/call', '--tool-name', name],
        ...Object.entries(args).flatMap(([field, value]) => ['--tool-arg', `${field}=${value}`]),
      ),
    resource: (uri) => inspected('--method', 'resources/read', '--uri', uri),
    prompt: (name, args) =>
      inspected(
        ...['--method', 'prompts/get', '--prompt-name', name],
        ...Object.entries(args).flatMap(([field, value]) => ['--prompt-args', `${field}=${value}`]),
      ),
  };

  it('the command line of the Inspector', async () => {
    expectMet(await meet(inspector, 'Inspector', ids), ids);
    // Without a terminal, all that it says is that it would like to sign in.
    expect(await failureOf(inspect(wrongKey(), '--method', 'tools/list'))).toContain('auth_required');
  });

  it('mcp-remote', async () => {
    const args = (given: string) => [
      join(modules, 'mcp-remote/dist/proxy.js'),
      ...[url, '--allow-http', '--header', `Authorization: Bearer ${given}`],
    ];
    const env = { MCP_REMOTE_CONFIG_DIR: folder };
    const client = new OldClient({ name: 'remote', version: '1.0.0' });
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: args(key), env, stderr: 'ignore' }),
    );
    expectProgress(expectMet(await meet(oldAdapter(client), 'mcp-remote', ids), ids).progress);
    await client.close();
    expect(await failureOf([process.execPath, ...args(wrongKey())], env)).toMatch(/takes API keys, not OAuth/);
  });
});
