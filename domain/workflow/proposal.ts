import { z } from 'zod';
import { type FieldError, fieldPath } from '../error/error.ts';
import { dayMs } from '../values/time.ts';
import { type Criterion, criterion, limits, type WorkflowDefinition, workflowDefinition } from './definition.ts';

export { definitionDiff, fieldDiff } from './definition-diff.ts';

export const proposalStates = ['open', 'applied', 'rejected', 'expired'] as const;
export type ProposalState = (typeof proposalStates)[number];

/** A proposal can be applied for so long; one that was not is deleted after the second. */
export const applicableMs = dayMs;
export const keptMs = 7 * dayMs;

/** What a stored proposal's state is at a time. */
export function stateAt({ state, expiresAt }: { state: string; expiresAt: Date }, now: Date): ProposalState {
  if (state === 'applied' || state === 'rejected') return state;
  return expiresAt <= now ? 'expired' : 'open';
}

export const criterionOperation = z
  .strictObject({
    op: z.enum(['add', 'update', 'remove', 'move']),
    position: z
      .int()
      .min(0)
      .max(100)
      .describe('From 0, in the list as the operations before left it. add: where the new line will stand.'),
    text: criterion.shape.text.optional().describe('add, update: the line.'),
    isRequired: z.boolean().optional().describe('add (default true), update.'),
    toPosition: z.int().min(0).max(100).optional().describe('move: where the line will stand.'),
  })
  .superRefine(({ op, text, isRequired, toPosition }, issue) => {
    const wrong = (field: string, message: string) => issue.addIssue({ code: 'custom', path: [field], message });
    if (op === 'add' && text === undefined) wrong('text', 'add needs the text of the new line.');
    if (op === 'update' && text === undefined && isRequired === undefined)
      wrong('text', 'update needs a text, isRequired, or both.');
    if ((op === 'remove' || op === 'move') && (text !== undefined || isRequired !== undefined))
      wrong(text === undefined ? 'isRequired' : 'text', `${op} leaves the line as it is: use update to change it.`);
    if (op === 'move' && toPosition === undefined) wrong('toPosition', 'move needs toPosition.');
    if (op !== 'move' && toPosition !== undefined) wrong('toPosition', `${op} takes no toPosition.`);
  });
export type CriterionOperation = z.infer<typeof criterionOperation>;

const shape = workflowDefinition.shape;
const [policy, limit] = [shape.toolPolicy.unwrap().shape, limits.shape];

/**
 * Changes of a workflow: a field that is left out stays as it is, and so do left-out parts of `toolPolicy` and `limits`. What
 * the fields must be together, and schedule and time zone, is checked on what comes out (`applyChanges`).
 */
export const workflowChanges = z.strictObject({
  name: shape.name.optional(),
  description: shape.description.unwrap().optional(),
  prompt: shape.prompt.optional(),
  testerModels: shape.testerModels.optional(),
  judgeModel: shape.judgeModel.optional(),
  schedule: shape.schedule.unwrap().optional().describe('Five-field cron expression; null: manual only.'),
  timezone: shape.timezone.unwrap().optional(),
  toolPolicy: z
    .strictObject({
      allowedTools: policy.allowedTools.unwrap().optional(),
      blockedTools: policy.blockedTools.unwrap().optional(),
    })
    .optional(),
  limits: z
    .strictObject({
      turns: limit.turns.unwrap().optional(),
      toolCalls: limit.toolCalls.unwrap().optional(),
      seconds: limit.seconds.unwrap().optional(),
      tokens: limit.tokens.unwrap().optional(),
      toolCallSeconds: limit.toolCallSeconds.unwrap().optional(),
    })
    .optional(),
  criteria: z
    .array(criterionOperation)
    .max(200)
    .optional()
    .describe('Operations, applied one after the other. A line keeps its identity while its text or flag changes.'),
});
export type WorkflowChanges = z.infer<typeof workflowChanges>;

/**
 * A definition with fields replaced; of `toolPolicy`, `limits` and `retryPolicy` only the parts that are given. Not checked: what comes
 * out is still to be read by the schema.
 */
export function mergeFields(
  base: WorkflowDefinition,
  changes: { toolPolicy?: object | undefined; limits?: object | undefined; retryPolicy?: object | undefined },
): { [field: string]: unknown } {
  return {
    ...base,
    ...given(changes),
    toolPolicy: { ...base.toolPolicy, ...given(changes.toolPolicy) },
    limits: { ...base.limits, ...given(changes.limits) },
    retryPolicy: { ...base.retryPolicy, ...given(changes.retryPolicy) },
  };
}

const given = (fields: object = {}): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

export type AppliedChanges =
  | { ok: true; definition: WorkflowDefinition }
  /** Fields are named as in the input: `changes.criteria[0].position`. */
  | { ok: false; fieldErrors: FieldError[] };

/** A definition with changes applied, whole and valid, or what is wrong with the changes. @param newId makes ids for new criteria. */
export function applyChanges(
  base: WorkflowDefinition,
  { criteria: operations, ...fields }: WorkflowChanges,
  newId: () => string,
): AppliedChanges {
  const criteria = applyOperations(base.criteria, operations ?? [], newId);
  if (!Array.isArray(criteria)) return { ok: false, fieldErrors: [criteria] };
  const parsed = workflowDefinition.safeParse({ ...mergeFields(base, fields), criteria });
  if (parsed.success) return { ok: true, definition: parsed.data };
  return {
    ok: false,
    fieldErrors: parsed.error.issues.map(({ path, message }) => ({ field: fieldPath(['changes', ...path]), message })),
  };
}

/** The first operation that does not fit ends it: those after it count on what it would have made. */
function applyOperations(
  before: readonly Criterion[],
  operations: readonly CriterionOperation[],
  newId: () => string,
): Criterion[] | FieldError {
  const lines = [...before];
  for (const [index, { op, position, text, isRequired, toPosition }] of operations.entries()) {
    const at = `changes.criteria[${index}]`;
    if (op === 'add') {
      if (position > lines.length) return outside(`${at}.position`, position, lines.length + 1);
      lines.splice(position, 0, { id: newId(), text: text ?? '', isRequired: isRequired ?? true });
      continue;
    }
    const line = lines[position];
    if (!line) return outside(`${at}.position`, position, lines.length);
    if (op === 'update')
      lines[position] = { ...line, text: text ?? line.text, isRequired: isRequired ?? line.isRequired };
    else lines.splice(position, 1);
    if (op !== 'move') continue;
    const to = toPosition ?? position;
    if (to > lines.length) return outside(`${at}.toPosition`, to, lines.length + 1);
    lines.splice(to, 0, line);
  }
  return lines;
}

const outside = (field: string, position: number, count: number): FieldError => ({
  field,
  message:
    count === 0
      ? `There is no position ${position}: no criterion is left by then.`
      : `There is no position ${position} by then: positions go from 0 to ${count - 1}.`,
});

/** What a proposal rests on. `id` of calls and events: as in the run's evidence, `call-3`, `event-7`. */
export const evidence = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run'), runId: z.uuid() }),
  z.object({ kind: z.literal('criterion'), criterionId: z.uuid(), text: z.string() }),
  z.object({ kind: z.literal('call'), runId: z.uuid(), id: z.string() }),
  z.object({ kind: z.literal('event'), runId: z.uuid(), id: z.string() }),
]);
export type Evidence = z.infer<typeof evidence>;

/**
 * Why a definition can't run at all, whatever its agent does: what proposes or applies it is refused. `toolNames`: all that the server
 * can offer, null where its catalog is not known.
 */
export function obstacles(
  { toolPolicy }: WorkflowDefinition,
  { toolNames }: { toolNames: ReadonlySet<string> | null },
): FieldError[] {
  const { allowedTools } = toolPolicy;
  if (!toolNames || allowedTools.length === 0 || allowedTools.some((tool) => toolNames.has(tool))) return [];
  return [
    {
      field: 'toolPolicy.allowedTools',
      message: `The server has none of the allowed tools (${allowedTools.slice(0, 5).join(', ')}): the agent would be offered nothing.`,
    },
  ];
}
