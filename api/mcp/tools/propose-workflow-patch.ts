import { proposePatchOutput, proposePatch as useCase } from '../../../services/proposal/propose.ts';
import { defineTool } from '../tool.ts';

export const proposeWorkflowPatch = defineTool({
  name: 'propose_workflow_patch',
  title: 'Propose a change of a workflow',
  description: [
    'Drafts a change and returns its proposalId, a diff by field, warnings and its expiry (24 hours). Nothing changes until apply_workflow_change. Validated against the schema, the models and the tool catalog, which may be synced first.',
    'For an existing workflow: workflowId, baseVersionId (activeVersionId from list_workflows) and changes, any of name, description, prompt, testerModels, judgeModel, schedule, timezone, toolPolicy, limits, and criteria as operations {op: add|update|remove|move, position, text?, isRequired?, toPosition?}; positions count from 0, operations apply in order. For a new workflow: serverId and definition (get_authoring_guide explains it). Both take a rationale in your own words, and evidence: run, criterion, call or event ids.',
    'Next: show the diff to the person you work for (get_proposal has all of it); then apply_workflow_change with the proposalId. On base_version_stale, propose again from currentVersionId.',
  ].join('\n'),
  useCase,
  input: useCase.useCase.input,
  output: proposePatchOutput,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  untrusted: ['warnings[].message'],
  run: useCase,
});
