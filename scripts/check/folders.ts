/** Part of `npm run check`: a folder has at most 15 source files, tests not counted. */
import { dirname } from 'node:path';
import { listFiles, report } from './files.ts';

const maxFiles = 15;

/** Folders that may have more, and why. */
const exceptions: Record<string, string> = {
  'api/mcp/tools': 'One file per tool.',
  'infra/db/queries': 'One file per noun: as many as there are folders in services/.',
};

/** @param allowed folder → reason. An exception that is no longer needed is a problem too. */
export function folderProblems(paths: string[], allowed: Record<string, string>): string[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    if (!/\.(tsx?|mjs|css)$/.test(path) || /\.test\.tsx?$/.test(path)) continue;
    counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  }
  const tooLarge = [...counts].filter(([, count]) => count > maxFiles);
  return [
    ...tooLarge
      .filter(([folder]) => !(folder in allowed))
      .map(([folder, count]) => `${folder} has ${count} source files, more than ${maxFiles}.`),
    ...Object.keys(allowed)
      .filter((folder) => !tooLarge.some(([name]) => name === folder))
      .map((folder) => `${folder} is an exception in scripts/check/folders.ts, but doesn't need one.`),
  ];
}

if (import.meta.main)
  report(folderProblems(listFiles(), exceptions), 'Split the folder by topic (docs/architecture.md).');
