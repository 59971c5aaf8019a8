import { ArmatureError, isArmatureError } from '../../../../domain/error/error.ts';
import type { Context } from '../../../../services/context/context.ts';
import { dispatchRun } from '../../../../services/run/dispatch/dispatch.ts';
import { archiveWorkflow } from '../../../../services/workflow/archive.ts';
import { pauseWorkflow } from '../../../../services/workflow/pause.ts';
import { getWorkflow } from '../../../../services/workflow/reading/get.ts';
import { resumeWorkflow } from '../../../../services/workflow/resume.ts';
import { tagWorkflow } from '../../../../services/workflow/tag.ts';
import { unarchiveWorkflow } from '../../../../services/workflow/unarchive.ts';
import { text } from '../../../shell/form.ts';

/** Rows of a page. */
const maxWorkflows = 100;

export type BulkAnswer = {
  /** A new one for each form, so that the same message is shown again. */
  at: string;
  /** "3 workflows paused."; null if nothing changed. */
  done: string | null;
  /** The fields of the form that takes it back. */
  undo: { [name: string]: string } | null;
  /** What could not be done, each once. */
  failures: string[];
};

type Done = { workflowId: string; before?: string };

/** Does to each selected workflow what the form's `intent` says. What fails for one is done for the others. */
export async function actOnWorkflows(ctx: Context, form: FormData): Promise<BulkAnswer> {
  const ids = readIds(form, 'workflow');
  if (ids.length === 0)
    throw new ArmatureError('validation_failed', 'No workflows are selected.', 'Select workflows, then try again.');
  const { work, word } = readIntent(ctx, form);
  const done: Done[] = [];
  const failures = new Set<string>();
  for (const workflowId of ids) {
    try {
      const changed = await work(workflowId);
      if (changed) done.push({ workflowId, ...changed });
    } catch (error) {
      if (!isArmatureError(error) || error.code === 'permission_denied') throw error;
      failures.add(error.message);
    }
  }
  return {
    at: ctx.deps.now().toISOString(),
    done: done.length === 0 ? null : `${done.length === 1 ? '1 workflow' : `${done.length} workflows`} ${word}.`,
    undo: done.length === 0 ? null : toUndo(text(form, 'intent'), done),
    failures: [...failures],
  };
}

/** A field of an undo form has several, with commas. */
const readIds = (form: FormData, name: string): string[] => [
  ...new Set(
    form
      .getAll(name)
      .flatMap((value) => (typeof value === 'string' ? value.split(',') : []))
      .filter(Boolean)
      .slice(0, maxWorkflows),
  ),
];

/** `work` returns null where nothing changed. */
function readIntent(
  ctx: Context,
  form: FormData,
): { work: (workflowId: string) => Promise<Omit<Done, 'workflowId'> | null>; word: string } {
  const intent = text(form, 'intent');
  switch (intent) {
    case 'run':
      return {
        word: 'started',
        work: async (workflowId) => {
          await dispatchRun(ctx, { workflowId, idempotencyKey: text(form, 'idempotencyKey') });
          return {};
        },
      };
    case 'pause':
      return {
        word: 'paused',
        work: async (workflowId) => {
          const { before } = await pauseWorkflow(ctx, { workflowId });
          return before === 'paused' ? null : { before };
        },
      };
    case 'resume':
      return {
        word: 'resumed',
        work: async (workflowId) => {
          const { before } = await resumeWorkflow(ctx, { workflowId });
          return before === 'active' ? null : { before };
        },
      };
    case 'archive':
      return {
        word: 'archived',
        work: async (workflowId) => {
          const { before } = await archiveWorkflow(ctx, { workflowId });
          return before === 'archived' ? null : { before };
        },
      };
    case 'unarchive': {
      const paused = readIds(form, 'paused');
      return {
        word: 'restored',
        work: async (workflowId) => {
          await unarchiveWorkflow(ctx, { workflowId, state: paused.includes(workflowId) ? 'paused' : 'active' });
          return {};
        },
      };
    }
    case 'tag':
    case 'untag': {
      const tag = text(form, 'tag').trim();
      if (tag === '') throw new ArmatureError('validation_failed', 'Tag is empty.', 'Type a tag, then try again.');
      return {
        word: intent === 'tag' ? `tagged “${tag}”` : `no longer tagged “${tag}”`,
        work: (workflowId) => changeTags(ctx, { workflowId, tag, isAdded: intent === 'tag' }),
      };
    }
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
}

async function changeTags(
  ctx: Context,
  { workflowId, tag, isAdded }: { workflowId: string; tag: string; isAdded: boolean },
): Promise<{ before?: string } | null> {
  const { workflow } = await getWorkflow(ctx, { workflowId });
  if (workflow.tags.includes(tag) === isAdded) return null;
  const tags = isAdded ? [...workflow.tags, tag] : workflow.tags.filter((each) => each !== tag);
  await tagWorkflow(ctx, { workflowId, tags });
  return {};
}

function toUndo(intent: string, done: Done[]): { [name: string]: string } | null {
  const workflow = done.map(({ workflowId }) => workflowId).join(',');
  switch (intent) {
    case 'pause':
      return { intent: 'resume', workflow };
    case 'resume':
      return { intent: 'pause', workflow };
    case 'archive': {
      const paused = done.filter(({ before }) => before === 'paused').map(({ workflowId }) => workflowId);
      return { intent: 'unarchive', workflow, paused: paused.join(',') };
    }
    default:
      return null;
  }
}
