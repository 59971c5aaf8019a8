import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type TestDeps, testDeps, testOrg } from '../../support/setup/context.ts';
import { type Endpoint, keyOf, startEndpoint } from './endpoint.ts';

const suite = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
);

let scenario: TestDeps;
let endpoint: Endpoint;
let proxy: Server;
let url: string;

beforeAll(async () => {
  scenario = await testDeps({ env: { ARMATURE_KEY_REQUESTS_PER_MINUTE: '100000' } });
  endpoint = await startEndpoint(scenario.deps);
  proxy = withKey(endpoint.url, await keyOf(await testOrg(scenario.deps), 'viewer'));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  url = `http://localhost:${z.object({ port: z.number() }).parse(proxy.address()).port}/api/mcp`;
});
afterAll(async () => {
  proxy?.closeAllConnections();
  proxy?.close();
  await endpoint?.close();
  await scenario?.close();
});

/** Hands every request on as it is, `Host` and `Origin` too, and adds the key: the suite can't send one. */
function withKey(target: string, key: string): Server {
  return createServer((incoming, outgoing) => {
    const { method = 'GET', headers } = incoming;
    const onward = request(target, { method, headers: { ...headers, authorization: `Bearer ${key}` } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', (error) => outgoing.destroy(error));
    incoming.pipe(onward);
  });
}

const checks = z.array(z.looseObject({ id: z.string(), status: z.string(), errorMessage: z.string().optional() }));

/** Runs all scenarios of a revision. @returns what the checks of each said that didn't pass */
async function findComplaints(revision: string): Promise<Map<string, string[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'armature-conformance-'));
  try {
    const args = [suite, 'server', '--url', url, '--requirements', revision, '-o', folder];
    // It fails when a scenario does, and some need what this endpoint doesn't have: what they say is in its files.
    const output = await new Promise<string>((resolve) =>
      execFile(process.execPath, args, { cwd: folder }, (_error, stdout, stderr) => resolve(stdout + stderr)),
    );
    const complaints = new Map<string, string[]>();
    for (const run of await readdir(folder)) {
      const found = checks.parse(JSON.parse(await readFile(join(folder, run, 'checks.json'), 'utf8')));
      const bad = found.filter(({ status }) => !['SUCCESS', 'INFO', 'SKIPPED'].includes(status));
      const scenario = run.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');
      complaints.set(
        scenario,
        bad.map(({ id, errorMessage = '' }) => `${id}: ${errorMessage}`),
      );
    }
    expect(complaints.size, output).toBeGreaterThan(30);
    return complaints;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Scenarios that don't apply here, why, and all that they may say. */
const exceptions: { reason: string; says: RegExp; scenarios: string[] }[] = [
  {
    reason: "They call tools of the suite's own server, for contents that no tool of Armature answers with.",
    says: /Unknown tool "test_/,
    scenarios: [
      'tools-call-simple-text',
      'tools-call-image',
      'tools-call-audio',
      'tools-call-embedded-resource',
      'tools-call-mixed-content',
      'tools-call-error',
      'tools-call-with-progress',
    ],
  },
  {
    reason: "They look for a tool of the suite's own server in the list.",
    says: /^json-schema-2020-12-tool-found: |Not testable: server (exposes no tool|does not list the diagnostic tool)/,
    scenarios: ['json-schema-2020-12', 'http-custom-header-server-validation', 'server-stateless'],
  },
  {
    reason: "They read resources of the suite's own server.",
    says: /resource_not_found: Unknown resource/,
    scenarios: ['resources-read-text', 'resources-read-binary', 'resources-templates-read'],
  },
  {
    reason: "They get prompts of the suite's own server.",
    says: /validation_failed: name: Unknown prompt/,
    scenarios: [
      'prompts-get-simple',
      'prompts-get-with-args',
      'prompts-get-embedded-resource',
      'prompts-get-with-image',
      'input-required-result-non-tool-request',
    ],
  },
  {
    reason: 'Armature asks nothing of its clients, and the tools that would are of the own server of the suite.',
    says: /Unknown tool "test_|InputRequiredResult/,
    scenarios: [
      'tools-call-sampling',
      'tools-call-elicitation',
      'elicitation-sep1034-defaults',
      'elicitation-sep1330-enums',
      'input-required-result-basic-elicitation',
      'input-required-result-basic-sampling',
      'input-required-result-basic-list-roots',
      'input-required-result-request-state',
      'input-required-result-multiple-input-requests',
      'input-required-result-multi-round',
      'input-required-result-missing-input-response',
      'input-required-result-result-type',
      'input-required-result-tampered-state',
      'input-required-result-capability-check',
      'input-required-result-ignore-extra-params',
    ],
  },
  {
    reason: 'Armature declares neither logging nor subscriptions.',
    says: /Method not found/,
    scenarios: ['logging-set-level', 'tools-call-with-logging', 'resources-subscribe', 'resources-unsubscribe'],
  },
  {
    reason: 'Armature has no sessions, so there is no stream to take up again.',
    says: /^server-sse-/,
    scenarios: ['server-sse-multiple-streams', 'server-sse-polling'],
  },
  {
    reason:
      "The error of an unknown resource has the code and the data of Armature's own errors. A recommendation only.",
    says: /^sep-2164-(error-code|data-uri): /,
    scenarios: ['sep-2164-resource-not-found'],
  },
  {
    reason: 'Armature does not declare the extension for tasks.',
    says: /./,
    scenarios: [
      'tasks-lifecycle',
      'tasks-capability-negotiation',
      'tasks-wire-fields',
      'tasks-request-state-removal',
      'tasks-mrtr-input',
      'tasks-request-headers',
      'tasks-dispatch-and-envelope',
      'tasks-required-task-error',
      'tasks-mrtr-composition',
    ],
  },
];

describe('the official conformance suite', () => {
  it('passes in both revisions, except for what does not apply here', async () => {
    const [modern, legacy] = [await findComplaints('2026-07-28'), await findComplaints('2025-11-25')];
    const all = [...modern, ...legacy].flatMap(([scenario, says]) => says.map((said) => ({ scenario, said })));
    const isUnexpected = ({ scenario, said }: { scenario: string; said: string }) =>
      !exceptions.some(({ scenarios, says }) => scenarios.includes(scenario) && says.test(said));
    expect(all.filter(isUnexpected)).toEqual([]);
    // An exception that has come to nothing is deleted here.
    const complaining = new Set(all.map(({ scenario }) => scenario));
    expect(exceptions.flatMap(({ scenarios }) => scenarios).filter((scenario) => !complaining.has(scenario))).toEqual(
      [],
    );
    for (const scenario of ['tools-list', 'resources-list', 'prompts-list', 'completion-complete'])
      expect([modern.get(scenario), legacy.get(scenario)], scenario).toEqual([[], []]);
  });
});
