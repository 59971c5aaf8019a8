/** What an exit code of the command says. Both a verdict and something incomplete: `verdict`. */
export const exitCodes = {
  /** Everything passed; degraded and flagged count as passed unless `--fail-on` says otherwise. */
  pass: 0,
  /** A run `fail` or `partial`, a check `fail`, an unmet `--assert`, a breaking change. */
  verdict: 1,
  /** Wrong usage or bad input. */
  usage: 2,
  /** No verdict: a run or check `error`, canceled, out of time or budget. */
  incomplete: 3,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** One place of a file that can't be used. Lines and columns count from 1. */
export type Problem = { path?: string; line?: number; column?: number; message: string };

/** Ends the command with a message for people. Verbs throw it for what the caller can fix. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;
  readonly problems: readonly Problem[];

  constructor(exitCode: ExitCode, message: string, problems: readonly Problem[] = []) {
    super(message);
    this.exitCode = exitCode;
    this.problems = problems;
  }
}

export const usageError = (message: string, problems: readonly Problem[] = []): CommandError =>
  new CommandError(exitCodes.usage, message, problems);

export const incompleteError = (message: string): CommandError => new CommandError(exitCodes.incomplete, message);

/** `path:line:column: message`, as editors and CI systems make links of it. */
export const formatProblem = ({ path, line, column, message }: Problem): string =>
  [...[path, line, column].filter((part) => part !== undefined), ` ${message}`].join(':').trim();

/** The exit code of several results. Incomplete ones are hidden by a verdict, unless `isStrict`. */
export function combineExitCodes(codes: readonly ExitCode[], { isStrict = false } = {}): ExitCode {
  if (isStrict && codes.includes(exitCodes.incomplete)) return exitCodes.incomplete;
  if (codes.includes(exitCodes.verdict)) return exitCodes.verdict;
  return codes.includes(exitCodes.incomplete) ? exitCodes.incomplete : exitCodes.pass;
}
