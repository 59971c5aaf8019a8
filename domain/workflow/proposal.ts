import { z } from 'zod';
import { type FieldError, fieldPath } from '../error/error.ts';
import { dayMs } from '../values/time.ts';
import { type Criterion, criterion, limits, type WorkflowDefinition, workflowDefinition } from './definition.ts';

export { definitionDiff, fieldDiff } from './definition-diff.ts';

export const proposalStates = ['open', 'applied', 'rejected', 'expired'] as const;
export type ProposalState = (typeof proposalStates)[number];

/** How long a proposal can be applied, and when an unapplied one is deleted. */
export const applicableMs = dayMs;
export const keptMs = 7 * dayMs;

/** The state of a stored proposal at a time. */
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
 * Changes of a workflow: omitted fields, and omitted parts of `toolPolicy` and `limits`, stay as they are. Rules across
 * fields, schedule and time zone are checked on the result (`applyChanges`).
 */
export const workflowChanges = z.strictObject({
  name: shape.name.optional(),
  description: shape.description.unwrap().optional(),
  prompt: shape.prompt.optional(),
  testerModels: shape.testerModels.optional(),
  judgeModel: shape.judgeModel.optional(),
  schedule: shape.schedule.unwrap().optional().describe('Five-field cron expression.'),
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
 * Replaces fields of a definition; in `toolPolicy`, `limits` and `retryPolicy` only the given parts. The result is not
 * validated.
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

/** Applies changes and validates the result. @param newId creates ids for new criteria */
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

/** The first invalid operation ends it: later ones depend on its result. */
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
      ? `Position ${position} does not exist: no criterion is left at this point.`
      : `Position ${position} does not exist at this point: positions go from 0 to ${count - 1}.`,
});

/** The evidence of a proposal. `id` of calls and events: as in the run's evidence, `call-3`, `event-7`. */
export const evidence = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run'), runId: z.uuid() }),
  z.object({ kind: z.literal('criterion'), criterionId: z.uuid(), text: z.string() }),
  z.object({ kind: z.literal('call'), runId: z.uuid(), id: z.string() }),
  z.object({ kind: z.literal('event'), runId: z.uuid(), id: z.string() }),
]);
export type Evidence = z.infer<typeof evidence>;

/**
 * Reasons why a definition can't run at all: it can be neither proposed nor applied. `toolNames`: all tools of the
 * server, null if its catalog is unknown. `tools`: names that an obstacle is about, the first five.
 */
export function obstacles(
  { toolPolicy }: WorkflowDefinition,
  { toolNames }: { toolNames: ReadonlySet<string> | null },
): (FieldError & { tools: string[] })[] {
  const { allowedTools } = toolPolicy;
  if (!toolNames || allowedTools.length === 0 || allowedTools.some((tool) => toolNames.has(tool))) return [];
  return [
    {
      field: 'toolPolicy.allowedTools',
      message: 'The server has none of the allowed tools: the agent would have no tools.',
      tools: allowedTools.slice(0, 5),
    },
  ];
}
