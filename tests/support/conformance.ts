import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';

const suite = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
);

/** Scenarios of the official suite that don't apply to a server, why, and all that they may say. */
export type Exception = { reason: string; says: RegExp; scenarios: string[] };

/** What the servers of Armature leave out. */
export const noSessions: Exception = {
  reason: 'There are no sessions, so there is no stream to take up again.',
  says: /^server-sse-/,
  scenarios: ['server-sse-multiple-streams', 'server-sse-polling'],
};
export const noTasks: Exception = {
  reason: 'The extension for tasks is not declared.',
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
};

/** Hands every request on as it is, `Host` and `Origin` too, and adds the key: the suite can't send one. */
export async function addKey(target: string, key: string): Promise<{ url: string; close(): void }> {
  const { origin, pathname } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', headers, url = '/' } = incoming;
    const onward = request(
      `${origin}${url}`,
      { method, headers: { ...headers, authorization: `Bearer ${key}` } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', (error) => outgoing.destroy(error));
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${z.object({ port: z.number() }).parse(server.address()).port}${pathname}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const checks = z.array(z.looseObject({ id: z.string(), status: z.string(), errorMessage: z.string().optional() }));

/** Runs all scenarios of a revision. @returns what the checks of each said that didn't pass */
async function findComplaints(url: string, revision: string): Promise<Map<string, string[]>> {
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

/**
 * Expects a server to pass the suite in both revisions, but for the exceptions, each of which has to be needed.
 * @param passed scenarios that must have run, and passed, in both
 */
export async function expectConformance(
  url: string,
  { exceptions, passed }: { exceptions: readonly Exception[]; passed: readonly string[] },
): Promise<void> {
  const [modern, legacy] = [await findComplaints(url, '2026-07-28'), await findComplaints(url, '2025-11-25')];
  const all = [...modern, ...legacy].flatMap(([scenario, says]) => says.map((said) => ({ scenario, said })));
  const isUnexpected = ({ scenario, said }: { scenario: string; said: string }) =>
    !exceptions.some(({ scenarios, says }) => scenarios.includes(scenario) && says.test(said));
  expect(all.filter(isUnexpected)).toEqual([]);
  // An exception that has come to nothing is deleted.
  const complaining = new Set(all.map(({ scenario }) => scenario));
  expect(exceptions.flatMap(({ scenarios }) => scenarios).filter((scenario) => !complaining.has(scenario))).toEqual([]);
  for (const scenario of passed) expect([modern.get(scenario), legacy.get(scenario)], scenario).toEqual([[], []]);
}
