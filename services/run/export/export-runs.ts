import type { z } from 'zod';
import { toCsv } from '../../../domain/values/csv.ts';
import type { Context } from '../../context/context.ts';
import { useCase } from '../../context/use-case.ts';
import { type ListedRun, searchRuns, searchRunsInput } from '../reading/search.ts';
import type { Download } from './download.ts';

/** Lines of one file, newest first. For older runs, say `before`. */
export const maxExportedRuns = 100_000;
const pageSize = 200;

const columns = [
  'id',
  'workflow',
  'server',
  'version',
  'model',
  'trigger',
  'status',
  'flagged',
  'errorKind',
  'error',
  'calls',
  'costUsd',
  'createdAt',
  'startedAt',
  'finishedAt',
  'durationMs',
  'commit',
  'branch',
  'url',
] as const;
type Line = { [column in (typeof columns)[number]]: string | number | boolean | null };

const input = searchRunsInput.omit({ cursor: true, limit: true });

/**
 * A list of runs as a CSV file, newest first, at most 100,000.
 * @throws ArmatureError as `searchRuns`
 */
export const exportRuns = useCase({
  name: 'run.export_list',
  access: 'viewer',
  input,
  async run({ ctx }, filters): Promise<Download> {
    const first = await searchRuns(ctx, { ...filters, limit: pageSize });
    return { name: 'runs.csv', contentType: 'text/csv', chunks: writeLines(ctx, filters, first) };
  },
});

type Page = { runs: ListedRun[]; nextCursor: string | null };

async function* writeLines(ctx: Context, filters: z.output<typeof input>, first: Page): AsyncGenerator<string> {
  const head = toCsv<Line>(columns, []);
  yield head;
  let left = maxExportedRuns;
  for (let page = first; ; ) {
    const lines = page.runs.slice(0, left).map(toLine);
    left -= lines.length;
    yield toCsv(columns, lines).slice(head.length);
    if (page.nextCursor === null || left === 0) return;
    page = await searchRuns(ctx, { ...filters, limit: pageSize, cursor: page.nextCursor });
  }
}

const toLine = ({ error, metadata, ...run }: ListedRun): Line => ({
  id: run.id,
  workflow: run.workflowName,
  server: run.serverName,
  version: run.versionNumber,
  model: run.model,
  trigger: run.trigger,
  status: run.status,
  flagged: run.flagged,
  errorKind: error?.kind ?? null,
  error: error?.message ?? null,
  calls: run.callCount,
  costUsd: run.cost,
  createdAt: run.createdAt,
  startedAt: run.startedAt,
  finishedAt: run.finishedAt,
  durationMs: run.durationMs,
  commit: metadata?.commit ?? null,
  branch: metadata?.branch ?? null,
  url: metadata?.url ?? null,
});
