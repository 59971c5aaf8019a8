import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { variableNames } from '../../../infra/config/index.ts';
import { bare, chart, least, most } from './values.ts';

const read = (name: string) => readFileSync(`${chart}/${name}`, 'utf8');
const schema = z.record(z.string(), z.unknown()).parse(JSON.parse(read('values.schema.json')));
const isValid = new Ajv({ strict: false }).compile(schema);
const defaults = z.record(z.string(), z.unknown()).parse(parse(read('values.yaml')));
/** As Helm does, values of one level are enough here. */
const check = (values: Record<string, unknown>) => isValid({ ...defaults, ...values });

describe('the values of the chart', () => {
  it('are checked by their schema', () => {
    for (const values of [least, most, bare]) expect(check(values), JSON.stringify(isValid.errors)).toBe(true);
    expect(Object.keys(defaults).toSorted()).toEqual(
      Object.keys(z.object({ properties: z.looseObject({}) }).parse(schema).properties)
        .filter((name) => name !== 'global')
        .toSorted(),
    );
  });

  it.each([
    ['no image', { image: { repository: '' } }],
    ['no Secret', { existingSecret: '' }],
    ['a secret in the open', { env: { ...least.env, ARMATURE_SECRETS_KEY: 'x' } }],
    ['a misspelt variable', { env: { ...least.env, ARMATUER_OPERATORS: 'x' } }],
    ['no address of Temporal', { env: { ARMATURE_URL: 'https://armature.example.com' } }],
    ['a queue that there is not', { workers: { runs: {}, checks: {}, system: {}, mail: { replicas: 1 } } }],
    [
      'a queue without a worker',
      { workers: { runs: { replicas: 0 }, checks: { replicas: 1 }, system: { replicas: 1 } } },
    ],
    ['an Ingress without a host', { ingress: { enabled: true, host: '' } }],
    ['an unknown value', { replicaCount: 3 }],
  ])('%s is refused', (_, values) => {
    expect(check({ ...least, ...values })).toBe(false);
  });

  it('set every variable of the configuration, in the open or in the Secret', () => {
    const decided = ['ARMATURE_QUEUES', 'DATABASE_URL', 'HOST', 'PORT', 'SECRETS_DATABASE_URL'];
    const secret = /(_KEYS?|_SECRET|_TOKEN|_HEADERS)$/;
    const refused = variableNames.filter((name) => !check({ ...least, env: { ...least.env, [name]: 'x' } }));
    expect(refused.toSorted()).toEqual(
      variableNames.filter((name) => decided.includes(name) || secret.test(name)).toSorted(),
    );
  });

  it('have the version of the package', () => {
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync('package.json', 'utf8')));
    expect(parse(read('Chart.yaml'))).toMatchObject({ version, appVersion: version });
  });
});
