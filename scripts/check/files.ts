/** What the checks of this folder have in common: the files of the repository, and how problems are reported. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Paths of all files that are tracked, or new and not ignored, in the order of their names. */
export function listFiles(): string[] {
  const output = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return output.split('\0').filter((path) => path && existsSync(path));
}

/** @returns path → text of the files whose path matches. */
export function readFiles(pattern: RegExp): Map<string, string> {
  const paths = listFiles().filter((path) => pattern.test(path));
  return new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]));
}

/** The lines of a source file that are, or end with, a comment. `//` within a string has no space around it. */
export function commentLines(text: string): { line: number; text: string }[] {
  return text
    .split('\n')
    .map((content, index) => ({ line: index + 1, text: content }))
    .filter(({ text: content }) => /^\s*(\/\/|\/\*|\*|\{\/\*|--|#)|\s\/\/\s|\s\/\*\*?\s/.test(content));
}

/** Prints the problems, if any, with what to do, and makes the process fail. */
export function report(problems: string[], advice: string): void {
  if (problems.length === 0) return;
  console.error([...problems, advice].join('\n'));
  process.exitCode = 1;
}
