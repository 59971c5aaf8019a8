import { ArmatureError } from '../../../../domain/error/error.ts';
import type { Context } from '../../../../services/context/context.ts';
import { getWorkflow } from '../../../../services/workflow/reading/get.ts';
import { getWorkflowVersion } from '../../../../services/workflow/reading/get-version.ts';
import { saveWorkflow } from '../../../../services/workflow/save.ts';
import { text, toValues } from '../../../shell/form.ts';
import { type Problem, toProblem } from '../../../shell/problem.ts';
import { type MergeRow, mergeRows } from '../../../ui/form/merge.ts';
import { fieldName, valueText } from '../definition/labels.ts';
import { toReadable } from '../definition/named.server.ts';
import { parseEditor, toDefinition } from '../editor/values.ts';

export type Conflict = {
  problem: Problem;
  conflict: { rows: MergeRow[]; theirs: string; currentVersionId: string };
};

/**
 * Saves what the form has changed of the version that it began from, and nothing else. If somebody has saved another
 * version meanwhile, their changes stay, and what both changed is chosen by `choice.<field>`.
 * @returns what has to be chosen first; null when it is saved
 */
export async function saveMerged(
  ctx: Context,
  { workflowId, form }: { workflowId: string; form: FormData },
): Promise<Conflict | null> {
  const baseVersionId = text(form, 'baseVersionId');
  const mine = toDefinition(parseEditor(toValues(form)));
  const { version, versions, definition: theirs, server, authProfiles } = await getWorkflow(ctx, { workflowId });
  const isStale = version.id !== baseVersionId;
  const { definition: base } = isStale
    ? await getWorkflowVersion(ctx, { workflowId, versionId: baseVersionId })
    : { definition: theirs };
  const shown = [base, mine, theirs].map((each): { [field: string]: unknown } =>
    toReadable(each, { server, authProfiles }),
  );
  const rows = Object.keys(theirs).map((field): MergeRow => {
    const [before = '', own = '', other = ''] = shown.map((each) => valueText(field, inOrder(field, each[field])));
    return { field, label: fieldName(field), base: before, mine: own, theirs: other };
  });
  const changed = mergeRows(rows);
  const choices = new Map(changed.map(({ field }) => [field, text(form, `choice.${field}`)]));
  const isChosen = changed.every(({ field, changedBy }) => changedBy !== 'both' || choices.get(field));
  if (isStale && (text(form, 'mergedWith') !== version.id || !isChosen)) {
    const by = versions[0]?.createdByName;
    const isOpen = changed.some(({ changedBy }) => changedBy === 'both');
    const problem = new ArmatureError(
      'base_version_stale',
      `${by ?? 'Somebody'} saved version ${version.number} while you were editing.`,
      isOpen ? 'Choose below for what both of you changed, then save.' : 'Look at both below, then save.',
    );
    const named = by ? `Version ${version.number} by ${by}` : `Version ${version.number}`;
    return {
      problem: toProblem(problem, ctx.requestId),
      conflict: { rows, theirs: named, currentVersionId: version.id },
    };
  }
  const taken = changed.filter(({ field, changedBy }) =>
    changedBy === 'both' ? choices.get(field) === 'mine' : changedBy === 'me',
  );
  const values = new Map(Object.entries(mine));
  const changes = Object.fromEntries(taken.map(({ field }) => [field, values.get(field)]));
  await saveWorkflow(ctx, { workflowId, baseVersionId: version.id, changes });
  return null;
}

/** What has no order of its own is compared without one: the form lists models and tools as the server does. */
function inOrder(field: string, value: unknown): unknown {
  if (field === 'testerModels' && Array.isArray(value)) return value.toSorted();
  if (field !== 'toolPolicy' || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([list, tools]) => [list, Array.isArray(tools) ? tools.toSorted() : tools]),
  );
}
