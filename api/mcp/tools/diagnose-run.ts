import { diagnoseRunOutput, diagnoseRun as useCase } from '../../../services/run/reading/diagnose.ts';
import { defineTool, hints } from '../tool.ts';

export const diagnoseRun = defineTool({
  name: 'diagnose_run',
  title: 'Diagnose a run',
  description: [
    'Returns why a finished run did not pass: failed and partial criteria, the tool calls and events behind them, probable causes with confidence, evidence ids and remediation, and the last passing run with what differs since. Found by rules; no model is asked. Some causes carry a suggestedChange that can be passed to propose_workflow_patch.',
    'Use it first for every run that failed. Wants a runId from search_runs; a run that is still going on is run_not_terminal.',
    'Next: check the evidence in armature://runs/{id}/trace; then propose_workflow_patch when the workflow is wrong, or tell the owner of the server when the server is.',
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
