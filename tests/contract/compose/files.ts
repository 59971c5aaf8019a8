import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** What the Compose files say, as `docker compose` reads them. */

const command = z.array(z.string());
const service = z.object({
  build: z.string().optional(),
  image: z.string().optional(),
  command: command.optional(),
  entrypoint: command.optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  volumes: z.array(z.string()).default([]),
  depends_on: z
    .record(z.string(), z.object({ condition: z.string(), required: z.boolean().default(true) }))
    .default({}),
  healthcheck: z.object({ test: command }).optional(),
  restart: z.string(),
  init: z.boolean().default(false),
  logging: z.unknown().optional(),
  ports: z.array(z.string()).default([]),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  mem_limit: z.string().optional(),
  pids_limit: z.number().optional(),
  read_only: z.boolean().default(false),
});
const composeFile = z.object({
  include: z.array(z.object({ path: z.string(), env_file: z.string() })).default([]),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
});

export const readYaml = (text: string): unknown => parse(text, { merge: true });
const read = (path: string) => composeFile.parse(readYaml(readFileSync(path, 'utf8')));

const main = read('docker-compose.yml');
/** The files that `docker-compose.yml` consists of. */
export const sources: readonly { path: string; text: string }[] = [
  'docker-compose.yml',
  ...main.include.map(({ path }) => path),
].map((path) => ({ path, text: readFileSync(path, 'utf8') }));

/** Name → value, of a file with a variable on each line. */
const readVariables = (path: string): Map<string, string> =>
  new Map(
    [...readFileSync(path, 'utf8').matchAll(/^(\w+)=(.*)$/gm)].map(
      ([, name = '', value = '']) => [name, value] as const,
    ),
  );
export const documented = readVariables('.env.example');
/** Versions, which `docker-compose.yml` reads from a file of their own. */
export const versions = new Map(main.include.flatMap(({ env_file }) => [...readVariables(env_file)]));

/** Names of the variables that the files refer to, without those of `versions`. */
export const asked = [
  ...new Set(sources.flatMap(({ text }) => [...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name))),
].filter((name) => !versions.has(name));

const parts = [{ ...main, folder: '.' }, ...main.include.map(({ path }) => ({ ...read(path), folder: dirname(path) }))];
export const services = new Map(parts.flatMap((part) => Object.entries(part.services)));
export const volumes = parts.flatMap((part) => Object.keys(part.volumes));
/** The services that run the repository's own image. */
export const own = [...services].filter(([, { build }]) => build !== undefined);

/** The file that a program in a container is, where its folder is mounted. */
export function fileOf(program: string): string {
  for (const { services: found, folder } of parts)
    for (const { volumes: mounted } of Object.values(found))
      for (const [from = '', to = ''] of mounted.map((mount) => mount.split(':')))
        if (from.startsWith('.') && program.startsWith(`${to}/`)) return join(folder, from, program.slice(to.length));
  throw new Error(`No volume contains ${program}.`);
}

/** Its values, as `docker compose` puts them in: `${NAME:?message}`, `${NAME:-default}`, `$$`. */
export function interpolate(text: string, env: Record<string, string>): string {
  return text.replace(/\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}/g, (whole, name: string | undefined, kind, rest: string) => {
    if (name === undefined) return whole.slice(1);
    const value = env[name] ?? versions.get(name);
    if (value) return value;
    if (kind === '-') return rest;
    throw new Error(`${name} is not set: ${rest}`);
  });
}
