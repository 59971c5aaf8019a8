import { z } from 'zod';
import { hasNoOwnKey, ownKeyProblem } from '../../domain/secret/own-key.ts';
import { criterion, type WorkflowDefinition, workflowDefinition } from '../../domain/workflow/definition.ts';
import { mergeFields, workflowChanges } from '../../domain/workflow/proposal.ts';
import { toValidationError } from '../context/errors.ts';
import { newId } from '../context/ids.ts';
import type { ModelDefaults } from '../organization/settings.ts';

/**
 * A definition as people and agents write it: criteria without ids get new ones, and models that are left out are the
 * workspace's defaults.
 */
export const definitionInput = workflowDefinition.extend({
  testerModels: workflowDefinition.shape.testerModels.optional().describe("Default: the workspace's."),
  judgeModel: workflowDefinition.shape.judgeModel.optional().describe("Default: the workspace's."),
  prompt: workflowDefinition.shape.prompt.refine(hasNoOwnKey, ownKeyProblem),
  criteria: z
    .array(criterion.extend({ id: z.uuid().optional() }))
    .min(1, 'A workflow needs at least one success criterion.')
    .max(100)
    .refine((all) => {
      const ids = all.flatMap(({ id }) => (id === undefined ? [] : [id]));
      return new Set(ids).size === ids.length;
    }, 'Two criteria share an id.'),
});
export type DefinitionInput = z.input<typeof definitionInput>;

/**
 * Fields of a definition to change, each replaced as a whole. Only `toolPolicy`, `limits` and `retryPolicy` may be
 * partial.
 */
export type DefinitionChanges = {
  [K in keyof DefinitionInput]?: DefinitionInput[K] | undefined;
};

/** Checks the field names only. The changed definition is validated as a whole. */
export const definitionChanges = z.custom<DefinitionChanges>(
  (value) =>
    typeof value === 'object' && value !== null && Object.keys(value).every((key) => key in workflowDefinition.shape),
  { error: `Changes are an object with any of: ${Object.keys(workflowDefinition.shape).join(', ')}.` },
);

const { authProfileId, retryPolicy, storeToolResults, metadata } = workflowDefinition.shape;
const retry = retryPolicy.unwrap().shape;

/** Changes as programs write them: what is left out stays as it is. The criteria are replaced as a whole. */
export const definitionPatch = workflowChanges.extend({
  authProfileId: authProfileId.unwrap().optional(),
  criteria: definitionInput.shape.criteria.optional(),
  retryPolicy: z
    .strictObject({
      attempts: retry.attempts.unwrap().optional(),
      backoffSeconds: retry.backoffSeconds.unwrap().optional(),
    })
    .optional(),
  storeToolResults: storeToolResults.unwrap().optional(),
  metadata: metadata.unwrap().optional(),
});

/** Fills in what may be left out of a definition, so that a version says what it runs with. */
export function completeDefinition(
  { criteria, testerModels, judgeModel, ...rest }: z.output<typeof definitionInput>,
  defaults: ModelDefaults,
): WorkflowDefinition {
  return {
    ...rest,
    testerModels: testerModels ?? defaults.testerModels,
    judgeModel: judgeModel ?? defaults.judgeModel,
    criteria: criteria.map(({ id, ...own }) => ({ id: id ?? newId(), ...own })),
  };
}

/**
 * Applies changes to a definition. Criteria without ids keep the ids of the criteria that they replace: those with the
 * same text, else those at the same position.
 * @throws ArmatureError `validation_failed`; fields are named as under `changes`
 */
export function applyChanges(base: WorkflowDefinition, changes: DefinitionChanges): WorkflowDefinition {
  const parsed = definitionInput.safeParse(mergeFields(base, changes));
  if (!parsed.success) throw toValidationError(parsed.error);
  return completeDefinition({ ...parsed.data, criteria: keepIds(base.criteria, parsed.data.criteria) }, base);
}

type Line = { id?: string | undefined; text: string; isRequired: boolean };

function keepIds(before: WorkflowDefinition['criteria'], after: readonly Line[]): Line[] {
  const taken = new Set(after.flatMap(({ id }) => (id === undefined ? [] : [id])));
  const claim = (found: { id: string } | undefined) => {
    if (found) taken.add(found.id);
    return found?.id;
  };
  const byText = after.map((line) => {
    if (line.id !== undefined) return line;
    return { ...line, id: claim(before.find(({ id, text }) => text === line.text && !taken.has(id))) };
  });
  return byText.map((line, index) => {
    const same = before[index];
    return line.id === undefined && same && !taken.has(same.id) ? { ...line, id: claim(same) } : line;
  });
}
