/** Part of `npm run check`: docs/configuration.md describes every environment variable in one row of one table. */
import { readFileSync } from 'node:fs';
import { readFiles, report } from './files.ts';

const reference = 'docs/configuration.md';

/** Variables of the system, and of the conformance suite that tests run, which need no description. */
const systemVariables = new Set([
  ...['HOME', 'PATH', 'NODE_ENV', 'LC_MESSAGES'],
  ...['MCP_CONFORMANCE_CONTEXT', 'MCP_CONFORMANCE_PROTOCOL_VERSION', 'MCP_CONFORMANCE_SCENARIO'],
]);

/** @param files path → text of code and Compose files */
export function variableProblems(files: Map<string, string>, documentation: string): string[] {
  const used = new Map<string, string>();
  for (const [path, text] of files)
    for (const name of findVariables(path, text))
      if (!systemVariables.has(name) && !used.has(name)) used.set(name, path);

  const rows = new Map<string, number>();
  for (const [, cell = ''] of documentation.matchAll(/^\|([^|]*)\|/gm))
    for (const [, name = ''] of cell.matchAll(/`([A-Z][A-Z0-9_]*)`/g)) rows.set(name, (rows.get(name) ?? 0) + 1);

  return [
    ...[...used].filter(([name]) => !rows.has(name)).map(([name, path]) => `${name} (${path}) is not described.`),
    ...[...rows].filter(([, count]) => count > 1).map(([name, count]) => `${name} is described ${count} times.`),
    ...[...rows.keys()].filter((name) => !used.has(name)).map((name) => `${name} is described, but nothing reads it.`),
  ].sort();
}

function findVariables(path: string, text: string): string[] {
  // `${env.NAME}` is how files of workflows refer to variables of their reader.
  const patterns = [/(?<!\$\{)\benv\.([A-Z][A-Z0-9_]*)\b/g, /\b(ARMATURE_[A-Z0-9_]*[A-Z0-9])\b/g];
  if (path.endsWith('.yml')) patterns.push(/\$\{([A-Z][A-Z0-9_]*)/g);
  // Keys of the schema in readConfig.
  if (path.startsWith('infra/config/')) patterns.push(/^ {2}([A-Z][A-Z0-9_]*): /gm);
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name));
}

if (import.meta.main)
  report(
    variableProblems(readFiles(/^(?!scripts\/check\/).*\.(ts|tsx|mjs|yml)$/), readFileSync(reference, 'utf8')),
    `Describe each variable once in ${reference}.`,
  );
