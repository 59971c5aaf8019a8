import type { Io } from '../io.ts';
import { createProgress } from '../output/progress.ts';
import { formatDuration, named } from '../output/quote.ts';
import { createStyle } from '../output/style.ts';
import type { Job, Listener } from './runner.ts';

const colors = { pass: 'green', partial: 'yellow', fail: 'red', error: 'yellow' } as const;

/** Shows the runs as they happen: a line when one ends, and what those under way do, on a terminal. */
export function createTestProgress(io: Io, total: number): Listener & { end(): void } {
  const progress = createProgress(io);
  const style = createStyle(io.stderr, io.env);
  const active = new Map<Job, string>();
  let ended = 0;
  const update = (): void => {
    const [[job, doing] = []] = active;
    const what = job ? `: ${named(job.workflow.id)}${doing ? `, ${doing}` : ''}` : '';
    progress.live(`${ended}/${total} ended, ${active.size} running${what}`);
  };
  return {
    started(job) {
      active.set(job, '');
      update();
    },
    event(job, event) {
      if (event.type === 'model_turn') active.set(job, `turn ${event.turn}`);
      if (event.type === 'tool_call') active.set(job, named(event.tool));
      update();
    },
    ended(job, { status, durationMs, error, flagged }) {
      active.delete(job);
      ended += 1;
      const number = job.of > 1 ? ` ${job.number}/${job.of}` : '';
      const shown = error?.kind === 'canceled' ? 'canceled' : status;
      const label = style(colors[status], shown.padEnd(8));
      progress.line(
        `${label} ${named(job.workflow.id)}${number}  ${named(job.model)}  ${formatDuration(durationMs)}${flagged ? '  flagged' : ''}`,
      );
      update();
    },
    end: progress.clear,
  };
}
