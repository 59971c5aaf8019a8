import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { CodeFile } from '../../domain/code/schema.ts';
import { describeOrdinary } from '../../domain/secret/ordinary.ts';
import { readModelsFile } from '../../infra/config/models-file.ts';
import { createModels } from '../../infra/models/index.ts';
import { type ConnectFlags, toEndpoint, withTargets } from '../connect.ts';
import { incompleteError, usageError } from '../exit.ts';
import type { Io } from '../io.ts';
import manifest from '../package.json' with { type: 'json' };
import { schemaFileName, writeSchema } from '../schema-file.ts';
import { draftFile } from './draft.ts';
import { githubWorkflow } from './github.ts';

const fileName = 'armature.yaml';

export type InitFlags = ConnectFlags & { force?: boolean; github: boolean };

/** Writes the first files of a project. @throws CommandError when the server can't be reached, or a file is there */
export async function initialize(
  io: Io,
  url: string,
  flags: InitFlags,
): Promise<{ files: string[]; workflows: number; untried: number; variables: string[] }> {
  if (!flags.force && (await exists(join(io.cwd, fileName))) && !(await confirm(io, `Replace ${fileName}?`)))
    throw usageError(`${fileName} is there already. --force replaces it.`);
  const endpoint = toEndpoint(io, url, flags);
  const probed = await withTargets((targets) => targets.probe(endpoint, { signal: io.signal }));
  if (!probed.ok) throw incompleteError(`${probed.failure.message} ${probed.failure.remediation}`);
  const server = toServer(url, flags);
  const variables = listVariables(server);
  const drafted = draftFile(server, probed.tools, { model: findModel(io) });
  const files: [path: string, text: string][] = [
    [fileName, drafted.text],
    [schemaFileName, writeSchema()],
  ];
  const workflowPath = join('.github', 'workflows', 'armature.yml');
  if (flags.github && !(await exists(join(io.cwd, workflowPath))))
    files.push([workflowPath, githubWorkflow({ version: manifest.version, variables })]);
  for (const [path, text] of files) {
    await mkdir(dirname(join(io.cwd, path)), { recursive: true });
    await writeFile(join(io.cwd, path), text);
  }
  return { files: files.map(([path]) => path), workflows: drafted.workflows, untried: drafted.untried, variables };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Asks only where somebody can answer. */
async function confirm(io: Io, question: string): Promise<boolean> {
  if (io.stdin.isTTY !== true) return false;
  const lines = createInterface({ input: io.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal: io.signal })).trim());
  } finally {
    lines.close();
  }
}

/** The server as the file names it. What may be a secret is left to the environment. */
function toServer(url: string, { header = [], bearerEnv, sse }: ConnectFlags): NonNullable<CodeFile['server']> {
  const headers = Object.fromEntries(
    header.map((line) => {
      const colon = line.indexOf(':');
      const [name, value] = [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
      const mayBeSecret = !/\$\{env\./.test(value) && describeOrdinary(value) === null;
      return [name, mayBeSecret ? `\${env.${name.toUpperCase().replace(/\W/g, '_')}}` : value];
    }),
  );
  return {
    url: hideQuery(url),
    ...(sse && { transport: 'sse' as const }),
    ...(header.length > 0 && { headers }),
    ...(bearerEnv !== undefined && { auth: { bearer: `\${env.${bearerEnv}}` } }),
  };
}

/** Query values may be secrets. */
function hideQuery(given: string): string {
  const url = new URL(given);
  const [path] = given.split('?');
  const query = [...url.searchParams].map(([name, value]) =>
    describeOrdinary(value) === null
      ? `${encodeURIComponent(name)}=\${env.${name.toUpperCase().replace(/\W/g, '_')}}`
      : `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return query.length === 0 ? given : `${path}?${query.join('&')}`;
}

const listVariables = (server: object): string[] => [
  ...new Set([...JSON.stringify(server).matchAll(/\$\{env\.(\w+)\}/g)].map(([, name = '']) => name)),
];

/** A model of ARMATURE_MODELS that can be used. */
function findModel({ env }: Io): string | null {
  const { providers } = readModelsFile(env.ARMATURE_MODELS ?? '', env);
  const usable = createModels({ providers }).list();
  return usable.find(({ builtin, keySet }) => !builtin && keySet)?.id ?? null;
}
