import { appendFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { PassRule } from '../../domain/stats/pass-rule.ts';
import type { McpTargets } from '../../infra/mcp-target/index.ts';
import { combineExitCodes, type ExitCode, exitCodes, usageError } from '../exit.ts';
import type { Io } from '../io.ts';
import { createOutput } from '../output/output.ts';
import { compareGroups, readBaseline, writeBaseline } from './baseline.ts';
import { readCodeFiles } from './files.ts';
import { createPlan, type Plan, type Planned } from './plan.ts';
import { createTestProgress } from './progress.ts';
import { showSummary } from './reports/console.ts';
import { toAnnotations, toJobSummary } from './reports/github.ts';
import { toJsonReport } from './reports/json.ts';
import { toJunit } from './reports/junit.ts';
import { type Group, groupExitCode } from './results.ts';
import { createWorkflowRunner } from './run.ts';
import { runPlan } from './runner.ts';
import { selectChanged, selectWorkflows } from './select.ts';

export type TestOptions = {
  files: readonly string[];
  url?: string;
  grep?: string;
  tag?: readonly string[];
  /** Path of a catalog. */
  changed?: string;
  repeat?: number;
  rule: PassRule;
  concurrency: number;
  bail: boolean;
  /** US dollars. */
  maxCost: number | null;
  noLlm: boolean;
  /** Paths of reports. `json`: true for standard output. */
  junit?: string;
  json?: string | true;
  github: boolean;
  baseline?: string;
  updateBaseline: boolean;
  failsOnFlagged: boolean;
  isStrict: boolean;
};

/**
 * Runs the workflows of files once and writes all reports, also after Ctrl-C.
 * @throws CommandError for bad input, before anything runs
 */
export async function runTests(io: Io, targets: McpTargets, options: TestOptions): Promise<ExitCode> {
  const startedAt = new Date();
  const plan = createPlan(io, await readCodeFiles(io, options.files), options);
  const baselinePath = options.baseline === undefined ? null : resolve(io.cwd, options.baseline);
  const baseline = baselinePath && (await readBaseline(baselinePath, { mayMiss: options.updateBaseline }));
  const matching = selectWorkflows(plan.workflows, options);
  const workflows =
    options.changed === undefined ? matching : await selectChanged(io, matching, { targets, file: options.changed });
  if (options.maxCost !== null) requirePrices(workflows);
  if (workflows.length === 0) createOutput(io).note('No workflow uses a tool that changed.');

  const total = workflows.reduce(
    (sum, { definition, repeat, skipped }) => sum + (skipped === null ? definition.testerModels.length * repeat : 0),
    0,
  );
  const progress = createTestProgress(io, total);
  const ran = await runPlan(workflows, {
    ...options,
    run: createWorkflowRunner(targets),
    listener: progress,
    signal: io.signal,
  });
  progress.end();
  const groups = baseline ? compareGroups(ran, baseline) : ran;
  const codes = [...groups.map(groupExitCode), ...(io.signal.aborted ? [exitCodes.incomplete] : [])];
  const exitCode = combineExitCodes(codes, options);
  await report(io, { plan, groups, startedAt, exitCode, options });
  if (baseline && baselinePath && options.updateBaseline) await writeBaseline(baselinePath, baseline, groups);
  return exitCode;
}

/** A limit that can't be enforced would be none. */
function requirePrices(workflows: readonly Planned[]): void {
  const unpriced = workflows.flatMap(({ definition, models }) =>
    [...definition.testerModels, definition.judgeModel].filter((id) =>
      models.list().some((entry) => entry.id === id && entry.price === undefined),
    ),
  );
  if (unpriced.length > 0)
    throw usageError(
      `--max-cost needs the prices of all models. Give inputPrice and outputPrice of: ${[...new Set(unpriced)].join(', ')}.`,
    );
}

type Reported = { plan: Plan; groups: Group[]; startedAt: Date; exitCode: ExitCode; options: TestOptions };

async function report(io: Io, { plan, groups, startedAt, exitCode, options }: Reported): Promise<void> {
  const { text } = plan.redactor;
  const masked: Io = { ...io, stdout: { ...toStream(io.stdout), write: (line) => io.stdout.write(text(line)) } };
  const output = createOutput(masked, { json: options.json === true });
  if (options.json !== undefined) {
    const json = toJsonReport(groups, { startedAt, exitCode });
    if (options.json === true) output.data(json);
    else await writeFile(resolve(io.cwd, options.json), text(`${JSON.stringify(json, null, 2)}\n`));
  }
  showSummary(output, groups);
  if (options.junit !== undefined) await writeFile(resolve(io.cwd, options.junit), text(toJunit(groups)));
  if (!options.github) return;
  // GitHub reads both streams; standard output may be JSON.
  for (const line of toAnnotations(groups)) (output.isJson ? io.stderr : io.stdout).write(`${text(line)}\n`);
  const summary = io.env.GITHUB_STEP_SUMMARY;
  if (summary) await appendFile(summary, text(toJobSummary(groups)));
}

const toStream = ({ isTTY, columns }: Io['stdout']) => ({
  ...(isTTY !== undefined && { isTTY }),
  ...(columns !== undefined && { columns }),
});
