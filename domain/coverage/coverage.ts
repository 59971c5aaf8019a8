import { z } from 'zod';
import type { CallOutcome } from '../run/run.ts';

/** How many of a server's latest terminal runs, and of its active tools, a report includes. */
export const coverageRuns = 50;
export const coverageTools = 100;

/** Calls that reached the server: not those that policy refused, nor interrupted ones, whose outcome is unknown. */
export const sentOutcomes = [
  'ok',
  'tool_error',
  'rpc_error',
  'timeout',
  'transport_error',
  'interrupted',
] as const satisfies readonly CallOutcome[];
export const failedOutcomes = [
  'tool_error',
  'rpc_error',
  'timeout',
  'transport_error',
] as const satisfies readonly CallOutcome[];

/** The calls of one terminal run, by tool. Times are ISO 8601. */
export const runTally = z.object({
  runId: z.uuid(),
  workflowId: z.uuid(),
  createdAt: z.iso.datetime(),
  tools: z.array(
    z.object({
      tool: z.string(),
      calls: z.int(),
      failed: z.int(),
      lastOkAt: z.iso.datetime().nullable(),
    }),
  ),
});
export type RunTally = z.infer<typeof runTally>;

export type CoverageFacts = {
  /** The latest terminal runs of the server, newest first. */
  runs: readonly RunTally[];
  /** The active tools of the catalog, in any order. */
  tools: readonly { name: string; firstSeenAt: Date }[];
  /**
   * Workflows that test the server or had one of these runs. `testsServer`: it still tests this server and isn't
   * archived.
   */
  workflows: readonly { id: string; name: string; testsServer: boolean; allowedTools: readonly string[] }[];
};

const waysOfCovering = z
  .array(z.enum(['run', 'policy']))
  .describe('run: a recent run called it successfully. policy: allowedTools of a workflow names it.');

export const toolCoverage = z.object({
  tool: z.string(),
  covered: z.boolean(),
  by: waysOfCovering,
  workflows: z.array(z.object({ workflowId: z.uuid(), name: z.string(), by: waysOfCovering })),
  lastSuccess: z.object({ at: z.iso.datetime(), runId: z.uuid() }).nullable(),
  calls: z.int().describe('Calls that reached the server, in the runs of the report.'),
  failed: z.int(),
  errorRate: z.number().nullable().describe('failed ÷ calls, 0 to 1; null without calls.'),
});
export type ToolCoverage = z.infer<typeof toolCoverage>;

export const coverageReport = z.object({
  runCount: z.int().describe(`Terminal runs that the report rests on: the latest, at most ${coverageRuns}.`),
  activeToolCount: z.int(),
  toolCount: z.int().describe(`Tools that the report looks at, at most ${coverageTools}.`),
  note: z.string().nullable().describe('Says so where the server has more tools than the report looks at.'),
  coveredCount: z.int(),
  percent: z.int().nullable().describe('Covered tools of those looked at, rounded down; null without tools.'),
  tools: z.array(toolCoverage).describe('In order of name.'),
  gaps: z.array(z.string()).describe('Tools that nothing covers.'),
});
export type CoverageReport = z.infer<typeof coverageReport>;

/** Which tools of a server its workflows exercise (docs/workflows.md, "Coverage"). */
export function computeCoverage({ runs, tools, workflows }: CoverageFacts): CoverageReport {
  const latest = runs.slice(0, coverageRuns);
  const looked = [...tools]
    .sort((a, b) => a.firstSeenAt.getTime() - b.firstSeenAt.getTime() || byName(a, b))
    .slice(0, coverageTools)
    .sort(byName);
  const known = new Map(workflows.map((workflow) => [workflow.id, workflow]));
  const covered = looked.map(({ name }) => coverTool(name, latest, known));
  const coveredCount = covered.filter((each) => each.covered).length;
  return {
    runCount: latest.length,
    activeToolCount: tools.length,
    toolCount: looked.length,
    note:
      tools.length > coverageTools
        ? `The server has ${tools.length} active tools; the report looks at the first ${coverageTools} by the time they were first seen.`
        : null,
    coveredCount,
    percent: looked.length === 0 ? null : Math.floor((coveredCount * 100) / looked.length),
    tools: covered,
    gaps: covered.filter((each) => !each.covered).map(({ tool }) => tool),
  };
}

type Known = ReadonlyMap<string, CoverageFacts['workflows'][number]>;

function coverTool(tool: string, runs: readonly RunTally[], workflows: Known): ToolCoverage {
  const ways = new Map<string, Set<'run' | 'policy'>>();
  const credit = (workflowId: string, way: 'run' | 'policy') =>
    ways.set(workflowId, (ways.get(workflowId) ?? new Set()).add(way));
  let calls = 0;
  let failed = 0;
  let lastSuccess: ToolCoverage['lastSuccess'] = null;
  for (const { runId, workflowId, tools } of runs) {
    const allowed = workflows.get(workflowId)?.allowedTools ?? [];
    if (allowed.length > 0 && !allowed.includes(tool)) continue;
    const called = tools.find((each) => each.tool === tool);
    if (!called) continue;
    calls += called.calls;
    failed += called.failed;
    if (called.lastOkAt === null) continue;
    credit(workflowId, 'run');
    if (!lastSuccess || called.lastOkAt > lastSuccess.at) lastSuccess = { at: called.lastOkAt, runId };
  }
  for (const { id, testsServer, allowedTools } of workflows.values())
    if (testsServer && allowedTools.includes(tool)) credit(id, 'policy');
  const by = (['run', 'policy'] as const).filter((way) => [...ways.values()].some((of) => of.has(way)));
  return {
    tool,
    covered: by.length > 0,
    by,
    workflows: [...ways]
      .map(([workflowId, of]) => ({
        workflowId,
        name: workflows.get(workflowId)?.name ?? '',
        by: (['run', 'policy'] as const).filter((way) => of.has(way)),
      }))
      .sort(byName),
    lastSuccess,
    calls,
    failed,
    errorRate: calls === 0 ? null : failed / calls,
  };
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
