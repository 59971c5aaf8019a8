import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from './index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'armature-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const required = {
  DATABASE_URL: 'postgres://127.0.0.1/armature',
  SECRETS_DATABASE_URL: 'postgres://127.0.0.1/armature_secrets',
  ARMATURE_SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
  ARMATURE_AUTH_SECRET: 'a secret of at least 32 characters',
};

function modelsFile(content: string): string {
  const path = join(folder, 'models.yaml');
  writeFileSync(path, content);
  return path;
}

describe('readConfig', () => {
  it('has a default for everything that is not required', () => {
    expect(readConfig(required)).toMatchObject({
      port: 3000,
      url: 'http://localhost:3000',
      slack: null,
      providers: [],
    });
  });

  it('lists all problems', () => {
    expect(() => readConfig({ ...required, DATABASE_URL: undefined, PORT: 'http' })).toThrow(
      /2 problem\(s\):\n {2}- DATABASE_URL: must be the postgres.*\n {2}- PORT: /,
    );
  });
});

describe('ARMATURE_QUEUES', () => {
  it.each([
    [undefined, ['runs', 'checks', 'system']],
    ['', ['runs', 'checks', 'system']],
    ['system, runs', ['runs', 'system']],
    ['checks,checks', ['checks']],
  ])('%j hosts %j', (text, queues) => {
    expect(readConfig({ ...required, ARMATURE_QUEUES: text }).queues).toEqual(queues);
  });

  it('names what is no queue, and the queues that there are', () => {
    expect(() => readConfig({ ...required, ARMATURE_QUEUES: 'run,checks,Alerts' })).toThrow(
      'ARMATURE_QUEUES: has no queue "run", "Alerts". The queues are runs, checks, system; separate them by commas, or leave it empty for all',
    );
  });
});

describe('the own services', () => {
  it.each([
    [{}, ['127.0.0.1:7233', '127.0.0.1:5432', '127.0.0.1:5432']],
    [
      {
        TEMPORAL_ADDRESS: 'temporal:7233',
        DATABASE_URL: 'postgres://a:b@postgres:5433/armature',
        SECRETS_DATABASE_URL: 'postgres://a:b@db.example.com/armature_secrets?sslmode=require',
      },
      ['temporal:7233', 'postgres:5433', 'db.example.com:5432'],
    ],
    [
      {
        TEMPORAL_ADDRESS: '[::1]:7000',
        DATABASE_URL: 'postgresql://a:b@%2Fvar%2Frun:5439/armature',
        SECRETS_DATABASE_URL: 'postgresql://a:b@localhost/armature?host=/var/run',
      },
      ['[::1]:7000'],
    ],
  ])('of %j are %j', (env, expected) => {
    const { ownServices } = readConfig({ ...required, ...env });
    expect(ownServices.map(({ host, port }) => `${host}:${port}`)).toEqual(expected);
  });
});

describe('the file of ARMATURE_MODELS', () => {
  const provider = `
# apiKey: \${NOT_SET}
providers:
  - name: openai
    baseUrl: https://api.openai.com/v1/
    apiKey: \${OPENAI_API_KEY}
    models: [{ id: gpt-5 }]
`;

  it('takes variables from the given environment', () => {
    const env = { ...required, ARMATURE_MODELS: modelsFile(provider), OPENAI_API_KEY: 'sk: #1' };
    expect(readConfig(env).providers).toEqual([
      { name: 'openai', baseUrl: 'https://api.openai.com/v1', apiKey: 'sk: #1', models: [{ id: 'gpt-5' }] },
    ]);
  });

  it('is refused when it names a variable that is not set', () => {
    const ARMATURE_MODELS = modelsFile(provider);
    expect(() => readConfig({ ...required, ARMATURE_MODELS })).toThrow(
      `ARMATURE_MODELS (${ARMATURE_MODELS}): the variable OPENAI_API_KEY is not set`,
    );
  });

  it('is refused when it does not fit the schema, or is missing', () => {
    const ARMATURE_MODELS = modelsFile('providers: [{ name: builtin }]');
    expect(() => readConfig({ ...required, ARMATURE_MODELS })).toThrow(/"builtin" is reserved for the models/);
    expect(() => readConfig({ ...required, ARMATURE_MODELS: join(folder, 'none.yaml') })).toThrow(/can't be read/);
  });
});
