import { z } from 'zod';
import { diagnose } from '../../../domain/diagnosis/diagnose.ts';
import { toCallId, toEventId } from '../../../domain/run/ids.ts';
import { givenId } from '../../../domain/values/id.ts';
import { useCase } from '../../context/use-case.ts';
import { compareLean, compareVersions, requireTerminal, toSide } from '../reading/compare.ts';
import { loadRun } from '../reading/load.ts';
import { loadDiagnosisFacts } from './facts.ts';
import { type diagnoseRunOutput, toCallView, toCauseViews, toCriterionView, toEventView } from './view.ts';

export { diagnoseRunOutput } from './view.ts';

/**
 * Finds out why a run did not pass, by rules over its evidence, the catalog that it saw, the current catalog and the
 * workflow's history.
 * @throws ArmatureError `run_not_found`, `run_not_terminal`.
 */
export const diagnoseRun = useCase({
  name: 'run.diagnose',
  access: 'viewer',
  input: z.object({ runId: givenId }),
  async run({ db, orgId }, { runId }): Promise<z.infer<typeof diagnoseRunOutput>> {
    const record = await loadRun(db, { orgId, runId });
    requireTerminal(record);
    const { run, results, calls, events } = record;
    const { facts, failed, passing, workflow } = await loadDiagnosisFacts(db, orgId, record);
    const { causes, suggestedChange } = diagnose(facts);
    const criteria = results.filter(({ verdict }) => verdict !== 'pass');
    const named = new Set([...criteria, ...causes].flatMap(({ evidence }) => evidence));
    const {
      status: _s,
      criteria: _c,
      unchangedPasses: _u,
      ...differences
    } = passing ? compareLean(passing.compared, failed) : compareLean(failed, failed);
    return {
      workflow: { workflowId: run.workflowId, ...workflow },
      suggestedChange,
      causes: toCauseViews(causes, facts),
      run: {
        ...toSide(record),
        serverId: run.serverId,
        error: run.error,
        limitHit: run.limitHit,
        flagged: run.flagged,
      },
      criteria: criteria.map(toCriterionView),
      calls: calls.filter(({ index, outcome }) => named.has(toCallId(index)) || outcome !== 'ok').map(toCallView),
      events: events.filter(({ seq }) => named.has(toEventId(seq))).map(toEventView),
      lastPassing: passing && {
        ...toSide(passing.record),
        differences: { ...differences, versions: compareVersions(passing.record, record) },
      },
    };
  },
});
