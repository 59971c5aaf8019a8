import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { combineExitCodes, type ExitCode, exitCodes, incompleteError } from '../exit.ts';
import type { Io } from '../io.ts';
import type { Output } from '../output/output.ts';
import { createProgress } from '../output/progress.ts';
import { count, formatCost, formatDuration, quoteLines } from '../output/quote.ts';
import { oneLine } from '../output/style.ts';
import { runAnswer, startedRunsAnswer } from './answers.ts';
import type { Client } from './client.ts';

export type RunRecord = z.infer<typeof runAnswer>;

const pollMs = 1000;
const isEnded = (status: string): boolean => status !== 'pending' && status !== 'running';

export const startRuns = (client: Client, input: { [name: string]: unknown }) =>
  client.call('runWorkflow', input, startedRunsAnswer);

/** All pages of a run's record. */
export async function readRecord(client: Client, runId: string): Promise<RunRecord> {
  const first = await client.call('getRun', { runId }, runAnswer);
  for (let cursor = first.nextCursor; cursor !== null; ) {
    const page = await client.call('getRun', { runId, cursor }, runAnswer);
    first.criteria.push(...page.criteria);
    first.calls.push(...page.calls);
    cursor = page.nextCursor;
  }
  return first;
}

/** Waits until runs have ended. @throws CommandError with the exit code `incomplete` when they take longer */
export async function waitForRuns(
  io: Io,
  client: Client,
  { runs, timeoutMs }: { runs: readonly { runId: string }[]; timeoutMs: number },
): Promise<RunRecord[]> {
  const progress = createProgress(io);
  const deadline = Date.now() + timeoutMs;
  const records: RunRecord[] = [];
  for (const { runId } of runs) {
    for (;;) {
      const { run } = await client.call('getRun', { runId }, runAnswer);
      if (isEnded(run.status)) break;
      if (Date.now() >= deadline)
        throw incompleteError(
          `The run ${runId} is still ${run.status} after ${timeoutMs / 1000} s. It continues on the server.`,
        );
      progress.live(`${run.model}: ${run.status}, ${count(run.callCount, 'call')}`);
      await sleep(pollMs, undefined, { signal: io.signal });
    }
    records.push(await readRecord(client, runId));
  }
  progress.clear();
  return records;
}

const codes: { [status: string]: ExitCode } = {
  pass: exitCodes.pass,
  partial: exitCodes.verdict,
  fail: exitCodes.verdict,
};

export const toExitCode = (records: readonly RunRecord[], { failsFlagged }: { failsFlagged: boolean }): ExitCode =>
  combineExitCodes(
    records.map(({ run }) =>
      failsFlagged && run.flagged ? exitCodes.verdict : (codes[run.status] ?? exitCodes.incomplete),
    ),
  );

export function writeRuns(
  { line, style }: Output,
  records: readonly RunRecord[],
  { withCalls = false }: { withCalls?: boolean } = {},
): void {
  const color = (status: string) => (status === 'pass' ? 'green' : status === 'fail' ? 'red' : 'yellow');
  for (const { run, criteria, calls, finalAnswer } of records) {
    const facts = [
      count(run.callCount, 'call'),
      ...(run.durationMs === null ? [] : [formatDuration(run.durationMs)]),
      formatCost(run.cost),
    ].filter((fact) => fact !== '');
    line(
      `${style(color(run.status), run.status.padEnd(8))} ${oneLine(run.workflowName)} · ${oneLine(run.model)} · ${facts.join(', ')}`,
    );
    line(style('dim', `         run ${run.id}${run.flagged ? ', flagged: it called a blocked tool' : ''}`));
    if (run.error) line(`         ${oneLine(`${run.error.kind}: ${run.error.message}`, 1000)}`);
    for (const { text, verdict, rationale } of criteria) {
      line(`  ${style(color(verdict), verdict.padEnd(7))}${oneLine(text)}`);
      if (verdict !== 'pass' && rationale) line(`         ${oneLine(rationale, 400)}`);
    }
    if (!withCalls) continue;
    for (const { id, tool, outcome, error, latencyMs } of calls)
      line(
        `  ${id}  ${oneLine(tool)}  ${outcome}${latencyMs === undefined ? '' : `  ${formatDuration(latencyMs)}`}${error ? `  ${oneLine(error)}` : ''}`,
      );
    if (finalAnswer) for (const text of quoteLines(finalAnswer)) line(text);
  }
}
