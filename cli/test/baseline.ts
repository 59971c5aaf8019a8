import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { compareRates, type RateChange } from '../../domain/stats/stats.ts';
import { usageError } from '../exit.ts';
import { errorCode } from '../io.ts';
import type { Group } from './results.ts';

const entry = z.object({
  workflow: z.string(),
  model: z.string(),
  passes: z.int().min(0),
  runs: z.int().min(0),
});
const baselineFile = z.object({ version: z.literal(1), groups: z.array(entry) });
export type Baseline = z.infer<typeof baselineFile>;

export type Comparison = {
  before: { passes: number; runs: number };
  /** Of the pass rates, now minus before, with a 95 % interval. */
  difference: number;
  low: number;
  high: number;
  change: RateChange;
};

/**
 * @param mayMiss whether the file may still have to be written
 * @throws CommandError when it can't be read or is something else
 */
export async function readBaseline(path: string, { mayMiss }: { mayMiss: boolean }): Promise<Baseline> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (mayMiss && errorCode(error) === 'ENOENT') return { version: 1, groups: [] };
    throw usageError(`--baseline: ${path} can't be read (${errorCode(error)}). --update-baseline writes it.`);
  }
  try {
    return baselineFile.parse(JSON.parse(text));
  } catch {
    throw usageError(`--baseline: ${path} is not a baseline. Delete it, and write it anew by --update-baseline.`);
  }
}

/** Compares each group with its earlier state, if the baseline has one. */
export const compareGroups = (groups: readonly Group[], baseline: Baseline): Group[] =>
  groups.map((group) => {
    const known = baseline.groups.find(isOf(group));
    if (!known || group.outcome === 'skipped') return group;
    const before = { passes: known.passes, runs: known.runs };
    return { ...group, comparison: { before, ...compareRates(before, group.tally) } };
  });

/** Replaces the state of the groups that have verdicts, and keeps the others. */
export async function writeBaseline(path: string, { groups }: Baseline, now: readonly Group[]): Promise<void> {
  const judged = now.filter(({ tally }) => tally.runs > 0);
  const kept = groups.filter((known) => !judged.some((group) => isOf(group)(known)));
  const written = judged.map(({ workflow, model, tally }) => ({ workflow: workflow.id, model, ...tally }));
  const all = [...kept, ...written].sort((a, b) => (`${a.workflow} ${a.model}` < `${b.workflow} ${b.model}` ? -1 : 1));
  await writeFile(path, `${JSON.stringify({ version: 1, groups: all }, null, 2)}\n`);
}

const isOf =
  ({ workflow, model }: Group) =>
  (known: Baseline['groups'][number]): boolean =>
    known.workflow === workflow.id && known.model === model;
