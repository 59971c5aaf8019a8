import { diagnoseRunOutput, diagnoseRun as useCase } from '../../../services/run/reading/diagnose.ts';
import { defineTool, hints } from '../tool.ts';

export const diagnoseRun = defineTool({
  name: 'diagnose_run',
  title: 'Diagnose a run',
  description: [
    'Returns why a finished run did not pass: failed and partial criteria, the tool calls and events behind them, probable causes with confidence, evidence ids and remediation, and the last passing run with what has changed since. Uses rules, no model. Some causes have a suggestedChange that you can pass to propose_workflow_patch.',
    'Use it first for every failed run. Takes a runId from search_runs; a run that is still running is run_not_terminal.',
    'Next: check the evidence in armature://runs/{id}/trace; then propose_workflow_patch if the workflow is wrong, or inform the owner of the server if the server is.',
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
    'causes[].summary',
    'causes[].remediation',
    'causes[].suggestedChange',
    'lastPassing.differences.tools',
    'lastPassing.differences.callSequence[].tool',
    'lastPassing.differences.catalogChanges',
  ],
  subject: ({ runId }) => runId,
  run: useCase,
});
