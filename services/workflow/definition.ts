import { z } from 'zod';
import { criterion, type WorkflowDefinition, workflowDefinition } from '../../domain/workflow/definition.ts';
import { mergeFields } from '../../domain/workflow/proposal.ts';
import { toValidationError } from '../context/errors.ts';
import { newId } from '../context/ids.ts';

/** A definition as people and agents write it: criteria without ids get new ones. */
export const definitionInput = workflowDefinition.extend({
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

export function withIds({ criteria, ...rest }: z.output<typeof definitionInput>): WorkflowDefinition {
  return { ...rest, criteria: criteria.map(({ id, ...own }) => ({ id: id ?? newId(), ...own })) };
}

/**
 * Applies changes to a definition. Criteria without ids keep the ids of the criteria that they replace: those with the
 * same text, else those at the same position.
 * @throws ArmatureError `validation_failed`; fields are named as under `changes`
 */
export function applyChanges(base: WorkflowDefinition, changes: DefinitionChanges): WorkflowDefinition {
  const parsed = definitionInput.safeParse(mergeFields(base, changes));
  if (!parsed.success) throw toValidationError(parsed.error);
  return withIds({ ...parsed.data, criteria: keepIds(base.criteria, parsed.data.criteria) });
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
