import type { ExitCode } from '../../exit.ts';
import type { Planned } from '../plan.ts';
import type { DiagnosedRun, Group } from '../results.ts';

/** The whole report for machines: every run with its trace, its calls and its grades. */
export const toJsonReport = (
  groups: readonly Group[],
  { startedAt, exitCode }: { startedAt: Date; exitCode: ExitCode },
) => ({
  version: 1,
  startedAt: startedAt.toISOString(),
  exitCode,
  groups: groups.map(({ workflow, runs, ...group }) => ({
    workflow: toWorkflowView(workflow),
    ...group,
    runs: runs.map((run) => toRunView(run, workflow)),
  })),
});

const toWorkflowView = ({ id, name, tags, path, line }: Planned) => ({ id, name, tags, path, line });

/** Without the judge's requests, which repeat the trace, and the tools, which `armature catalog` writes. */
function toRunView({ tools: _, results, calls, ...run }: DiagnosedRun, { definition }: Planned) {
  return {
    ...run,
    results: results.map(({ judge, ...result }) => ({
      ...result,
      ...(judge && { judge: { model: judge.model, usage: judge.usage } }),
    })),
    calls: calls.map(({ result, ...call }) => ({
      ...call,
      ...(result && definition.storeToolResults && { result }),
    })),
  };
}
