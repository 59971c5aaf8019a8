/** Part of `npm run check`: the lock file contains the packages of all platforms, not only of one. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      inBundle: z.boolean().default(false),
      resolved: z.string().optional(),
      optionalDependencies: z.record(z.string(), z.string()).default({}),
    }),
  ),
});

/** @returns one line per problem. `npm install` with an existing `node_modules` drops packages of other platforms. */
export function lockProblems(text: string): string[] {
  const { packages } = lockFile.parse(JSON.parse(text));
  const problems: string[] = [];
  for (const [path, entry] of Object.entries(packages)) {
    for (const name of Object.keys(entry.optionalDependencies))
      if (!listCandidates(path, name).some((candidate) => packages[candidate]))
        problems.push(`${name}, an optional dependency of ${path || 'the project'}, is missing.`);
    if (path && !entry.inBundle && !(entry.version && entry.integrity))
      problems.push(`${path} has no version or no integrity.`);
    if (entry.resolved) problems.push(`${path} names a registry: ${entry.resolved}`);
  }
  return problems;
}

/** @returns the paths where Node looks for `name` from `path`, nearest first. */
function listCandidates(path: string, name: string): string[] {
  const parents = path
    .split('/node_modules/')
    .map((_, index, parts) => parts.slice(0, index + 1).join('/node_modules/'));
  return [
    ...parents
      .filter(Boolean)
      .reverse()
      .map((parent) => `${parent}/node_modules/${name}`),
    `node_modules/${name}`,
  ];
}

if (import.meta.main) {
  const problems = lockProblems(readFileSync('package-lock.json', 'utf8'));
  if (problems.length) {
    console.error(
      [...problems, 'Complete it with `npm install --package-lock-only --ignore-scripts`, then run `npm ci`.'].join(
        '\n',
      ),
    );
    process.exitCode = 1;
  }
}
