/** Shared by the checks in this folder: reads the files of the repository and reports problems. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** @returns paths of all files that are tracked, or new and not ignored, sorted. */
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

/** @returns the lines that are, or end with, a comment. `//` within a string has no spaces around it. */
export function commentLines(text: string): { line: number; text: string }[] {
  return text
    .split('\n')
    .map((content, index) => ({ line: index + 1, text: content }))
    .filter(({ text: content }) => /^\s*(\/\/|\/\*|\*|\{\/\*|--|#)|\s\/\/\s|\s\/\*\*?\s/.test(content));
}

/** Prints problems, if any, and the advice, and makes the process fail. */
export function report(problems: string[], advice: string): void {
  if (problems.length === 0) return;
  console.error([...problems, advice].join('\n'));
  process.exitCode = 1;
}
