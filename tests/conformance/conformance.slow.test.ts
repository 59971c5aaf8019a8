import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const noPerson = 'A test has no person who could answer, so Armature declares no such capability.';
const bearerOnly = 'Armature uses bearer tokens; the extension is optional.';
const listed =
  'The client lists what strict clients refuse as warnings of a tool, and lets tests call it all the same.';
/** Scenarios that don't pass, and why. One that passes by now has to leave the table. */
const reasons: { [revision: string]: { [scenario: string]: string } } = {
  '2026-07-28': {
    'request-metadata':
      'Its server offers no revision that Armature speaks at first. Armature then asks as a client of the older era.',
    'sep-2322-client-request-state': noPerson,
    'http-invalid-tool-headers': listed,
    'auth/enterprise-managed-authorization': 'Armature is no client of an identity provider of companies.',
    'auth/dpop': bearerOnly,
    'auth/dpop-nonce': bearerOnly,
    'auth/wif-jwt-bearer': 'Armature has no identity of a workload.',
    'json-schema-2020-12-preservation':
      'The schemas are compared with what a page of the suite expects to be sent back.',
  },
  '2025-11-25': {
    'elicitation-sep1034-client-defaults': noPerson,
    'auth/enterprise-managed-authorization': 'Armature is no client of an identity provider of companies.',
    'auth/dpop': bearerOnly,
    'auth/dpop-nonce': bearerOnly,
    'auth/wif-jwt-bearer': 'Armature has no identity of a workload.',
    'json-schema-2020-12-preservation':
      'The schemas are compared with what a page of the suite expects to be sent back.',
  },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'armature-conformance-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the official suite against the target client. @returns whether each scenario passed */
async function run(revision: string): Promise<Map<string, boolean>> {
  const require = createRequire(import.meta.url);
  const suite = join(dirname(require.resolve('@modelcontextprotocol/conformance/package.json')), 'dist', 'index.js');
  const client = fileURLToPath(new URL('client.ts', import.meta.url));
  const command = `${process.execPath} ${client}`;
  const output = await new Promise<string>((resolve) => {
    const args = [suite, 'client', '--command', command, '--requirements', revision];
    // Its exit code counts what has a reason here.
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
  const summary = output.slice(output.indexOf('SUITE SUMMARY'));
  return new Map(
    [...summary.matchAll(/^(✓|✗) ([\w/.-]+): \d+ passed/gm)].map(([, mark, name = '']) => [name, mark === '✓']),
  );
}

describe.each(Object.entries(reasons))('the official client scenarios of MCP %s', (revision, exceptions) => {
  it('pass, or have a reason', async () => {
    const results = await run(revision);
    expect(results.size).toBeGreaterThan(20);
    const failed = [...results].filter(([, passed]) => !passed).map(([name]) => name);
    expect(failed.sort()).toEqual(Object.keys(exceptions).sort());
  });
});
