import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { ReportTool } from '../../domain/report/evidence.ts';

export type Catalog = { source: string; name: string; tools: ReportTool[] };

type Source = {
  repository: string;
  commit: string;
  files: string;
  read(file: string, json: unknown): Catalog['tools'][];
};

const tool = z.object({
  name: z.string(),
  title: z.string().nullish(),
  description: z.string().nullish(),
  inputSchema: z.unknown().default({ type: 'object' }),
  annotations: z.unknown().optional(),
});
const tools = z.array(tool);
const withTools = z.object({ tools: tools.optional() });
const withServers = z.array(z.object({ tools: z.record(z.string(), z.object({ tools })) }));
const listed = z.array(
  tool.extend({
    inputSchema: z.unknown().optional(),
    arguments: z
      .array(z.object({ name: z.string(), type: z.string().optional(), desc: z.string().optional() }))
      .optional(),
  }),
);

/** Public repositories that keep what servers list. Nothing of them is in this repository. */
const sources: readonly Source[] = [
  {
    repository: 'pathintegral-institute/mcpm.sh',
    commit: 'bdd5ed9874d321248aa7c151d87323bfb2ee354f',
    files: 'mcp-registry/servers/*.json',
    read: (_, json) => [withTools.parse(json).tools ?? []],
  },
  {
    repository: 'icip-cas/LiveMCPBench',
    commit: 'a928e57d1ee7a25579b9a7036030faffff72d15b',
    files: 'tools/LiveMCPTool/tools.json',
    read: (_, json) =>
      withServers.parse(json).flatMap((each) => Object.values(each.tools).map((server) => server.tools)),
  },
  {
    repository: 'docker/mcp-registry',
    commit: '818bf169b365e7b7d5b117352e32757c54844718',
    files: 'servers/*/tools.json',
    read: (_, json) => [
      listed.parse(json).map(({ arguments: given = [], inputSchema, ...about }) => ({
        ...about,
        inputSchema: inputSchema ?? {
          type: 'object',
          properties: Object.fromEntries(
            given.map(({ name, type = 'string', desc }) => [name, { type, description: desc }]),
          ),
        },
      })),
    ],
  },
];

/** Catalogs of real servers, each set of tool names once, gathered with git into the cache of this machine. */
export function listCatalogs(): Catalog[] {
  const seen = new Set<string>();
  return sources.flatMap((source) => {
    const folder = checkOut(source);
    return globSync(source.files, { cwd: folder })
      .sort()
      .flatMap((file) =>
        source.read(file, JSON.parse(readFileSync(join(folder, file), 'utf8'))).map((own, index): Catalog => {
          const name = basename(file) === 'tools.json' ? basename(dirname(file)) : basename(file, '.json');
          return { source: source.repository, name: index === 0 ? name : `${name} ${index + 1}`, tools: own };
        }),
      )
      .filter(({ tools: own }) => {
        // Names with a variable, such as chat-with-${NAME}, are not what a server lists.
        if (own.some(({ name }) => name.includes('${'))) return false;
        const key = own
          .map(({ name }) => name)
          .sort()
          .join('\n');
        return own.length > 0 && !seen.has(key) && seen.add(key);
      });
  });
}

/** The files of a source at its commit. A copy that was not finished is begun again. */
function checkOut({ repository, commit, files }: Source): string {
  const cache = join(homedir(), '.cache/armature/report-corpus');
  const folder = join(cache, `${repository.replace('/', '-')}-${commit.slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const begun = `${folder}.${process.pid}`;
  rmSync(begun, { recursive: true, force: true });
  const git = (...args: string[]) => execFileSync('git', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  git('clone', '--quiet', '--filter=blob:none', '--no-checkout', `https://github.com/${repository}`, begun);
  git('-C', begun, 'sparse-checkout', 'set', '--no-cone', files);
  git('-C', begun, 'checkout', '--quiet', commit);
  renameSync(begun, folder);
  return folder;
}
