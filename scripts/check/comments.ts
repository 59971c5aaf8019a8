/** Part of `npm run check`: comments are at most 120 columns wide. The formatter doesn't break comments. */
import { commentLines, readFiles, report } from './files.ts';

const maxColumns = 120;

export function commentProblems(files: Map<string, string>): string[] {
  return [...files].flatMap(([path, text]) =>
    commentLines(text)
      .filter(({ text: content }) => [...content].length > maxColumns)
      .map(({ line, text: content }) => `${path}:${line} has ${[...content].length} columns.`),
  );
}

if (import.meta.main)
  report(
    commentProblems(readFiles(/\.(tsx?|mjs|cjs|prisma|ya?ml)$/)),
    `Shorten the comments, or break them before column ${maxColumns}.`,
  );
