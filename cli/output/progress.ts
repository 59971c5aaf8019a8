import type { Io } from '../io.ts';

/** Lines about the work on standard error, with one live line below them on a terminal. */
export type Progress = {
  /** A line that stays. */
  line(text: string): void;
  /** Replaces the live line. Does nothing where output isn't a terminal, such as in CI. */
  live(text: string): void;
  /** Removes the live line. */
  clear(): void;
};

const clearLine = '\r\u001b[2K';

export function createProgress({ stderr, env }: Pick<Io, 'stderr' | 'env'>): Progress {
  const isLive = stderr.isTTY === true && env.CI === undefined;
  let shown = '';
  const clear = (): void => {
    if (shown !== '') stderr.write(clearLine);
    shown = '';
  };
  const live = (text: string): void => {
    if (!isLive || text === shown) return;
    clear();
    shown = text.slice(0, (stderr.columns ?? 80) - 1);
    stderr.write(shown);
  };
  return {
    line(text) {
      const below = shown;
      clear();
      stderr.write(`${text}\n`);
      live(below);
    },
    live,
    clear,
  };
}
