import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSecrets } from '../../infra/secrets/index.ts';
import { makeServer } from '../support/monitors.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../support/setup/context.ts';

let test: TestDeps;
let org: TestOrg;
beforeAll(async () => {
  test = await testDeps();
  org = await testOrg(test.deps);
});
afterAll(() => test.close());

const rotate = (key: string, previousKeys: string) =>
  promisify(execFile)(process.execPath, ['scripts/operation/rotate-secrets.ts'], {
    env: {
      NODE_ENV: 'test',
      PATH: process.env.PATH,
      ...test.env,
      ARMATURE_SECRETS_KEY: key,
      ARMATURE_SECRETS_PREVIOUS_KEYS: previousKeys,
    },
  });

it('encrypts all secrets with the new key, and names those that no key opens', async () => {
  const { deps, database } = test;
  const key = randomBytes(32).toString('base64');
  const ref = await deps.secrets.put(org.orgId, { token: 'kept' });
  expect((await rotate(key, database.secretsKey)).stdout).toMatch(/^Encrypted 1 secrets.*needs no earlier key/s);
  expect((await rotate(key, '')).stdout).toMatch(/^Encrypted 0 secrets/);
  const alone = createSecrets({ url: database.secretsUrl, key });
  expect(await alone.get(org.orgId, ref)).toEqual({ token: 'kept' });
  await alone.close();

  const { serverId } = await makeServer(deps, { orgId: org.orgId, url: 'http://127.0.0.1/mcp' });
  const secretRef = await deps.secrets.put(org.orgId, { headers: {} });
  await deps.db.server.update({ where: { id: serverId }, data: { secretRef } });
  await expect(rotate(key, '')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      new RegExp(`1 secrets can't be opened.*MCP server "Under test" \\(${serverId}\\)`, 's'),
    ),
  });
});
