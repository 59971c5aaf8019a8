import type { Db } from '../../../infra/db/index.ts';
import { addMistakes, addUsage, type MistakeRow, type UsageRow } from '../../../infra/db/queries/product-mcp.ts';
import type { Logger } from '../../../infra/logger/index.ts';

export const callOutcomes = ['succeeded', 'invalidArguments', 'unauthorized', 'rejected', 'failed'] as const;
export type CallOutcome = (typeof callOutcomes)[number];

/** What is kept of a call: nothing that the caller or the API wrote. */
export type RecordedCall = {
  orgId: string;
  productMcpId: string;
  tool: string;
  outcome: CallOutcome;
  ms: number;
  /** Of the API's answer. */
  bytes: number;
  /** Arguments that don't fit the schema, by the schema's own names. */
  mistakes: readonly { path: string; rule: string }[];
};

export type UsageRecorder = {
  record(call: RecordedCall): void;
  /** Writes what was recorded. */
  flush(): Promise<void>;
  close(): Promise<void>;
};

const flushMs = 5000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * Adds calls up in memory and writes the sums every few seconds: a write for each call would cost more than the call. A
 * process that dies loses the sums of these seconds.
 */
export function createUsageRecorder({ db, log, now }: { db: Db; log: Logger; now: () => Date }): UsageRecorder {
  let usage = new Map<string, UsageRow>();
  let mistakes = new Map<string, MistakeRow>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const [calls, wrong] = [[...usage.values()], [...mistakes.values()]];
    usage = new Map();
    mistakes = new Map();
    if (calls.length === 0) return;
    try {
      await addUsage(db, calls);
      await addMistakes(db, wrong);
    } catch (error) {
      log.warn({ err: error, rows: calls.length }, 'the usage of Product MCPs was not written');
    }
  }

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
    return writing;
  };

  return {
    record({ orgId, productMcpId, tool, outcome, ms, bytes, mistakes: wrong }) {
      const at = now();
      const hour = new Date(Math.floor(at.getTime() / hourMs) * hourMs);
      const of = { orgId, productMcpId, tool };
      const key = `${productMcpId} ${tool} ${hour.getTime()}`;
      const row = usage.get(key) ?? { ...of, hour, ...none, totalMs: 0, maxMs: 0, totalBytes: 0 };
      row[outcome] += 1;
      row.totalMs += ms;
      row.maxMs = Math.max(row.maxMs, ms);
      row.totalBytes += bytes;
      usage.set(key, row);
      const day = new Date(Math.floor(at.getTime() / dayMs) * dayMs);
      for (const { path, rule } of wrong) {
        const id = JSON.stringify([productMcpId, tool, path, rule, day]);
        const mistake = mistakes.get(id) ?? { ...of, path, rule, day, count: 0 };
        mistake.count += 1;
        mistakes.set(id, mistake);
      }
      timer ??= setTimeout(() => void flush(), flushMs).unref();
    },
    flush,
    close: flush,
  };
}

const none = { succeeded: 0, invalidArguments: 0, unauthorized: 0, rejected: 0, failed: 0 };
