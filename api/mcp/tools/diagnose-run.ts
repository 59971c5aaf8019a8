import { diagnoseRunOutput, diagnoseRun as useCase } from '../../../services/run/diagnosis/diagnose.ts';
import { defineTool, hints } from '../tool.ts';

export const diagnoseRun = defineTool({
  name: 'diagnose_run',
  title: 'Diagnose a run',
  description: [
    'Returns why a finished run did not pass, by rules without a model: probable causes, the most likely first, each with evidence ids, what to do, values of results now and in the last passing run, and the current schema of the tools that it concerns; the criteria, calls and events behind them; and what differs from the last passing run. suggestedChange repairs all that can be known in one change, also steps that the run did not get to. It is null where nothing is known, or where a change would make the test blind to a broken server; decision then says what a person has to decide.',
    'Use it first for every failed run. Takes a runId from search_runs; a run that is still running is run_not_terminal.',
    'Next: pass suggestedChange as it is to propose_workflow_patch as changes, with activeVersionId as baseVersionId. Without one, tell the person you work for what to decide, or the owner of the server what is broken. inspect_run has the whole record.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: diagnoseRunOutput,
  annotations: hints.read,
  untrusted: [
    'run.error.message',
    'criteria[].rationale',
    'calls[]',
    'events[]',
    'suggestedChange',
    'causes[].summary',
    'causes[].remediation',
    'causes[].decision',
    'causes[].said',
    'causes[].values',
    'causes[].tools',
    'lastPassing.differences',
  ],
  subject: ({ runId }) => runId,
  run: useCase,
});
