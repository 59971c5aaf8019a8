import type { Context } from '../../../../services/context/context.ts';
import { restoreVersion } from '../../../../services/workflow/restore-version.ts';
import { text } from '../../../shell/form.ts';

/** Restores the form's version. @returns what was done, with the form that goes back to the version before */
export async function restore(ctx: Context, workflowId: string, form: FormData) {
  const baseVersionId = text(form, 'baseVersionId');
  const { version, changed } = await restoreVersion(ctx, {
    workflowId,
    versionId: text(form, 'versionId'),
    baseVersionId,
  });
  return {
    at: ctx.deps.now().toISOString(),
    done: changed ? `Restored as version ${version.number}.` : 'Nothing differs from the active version.',
    undo: changed ? { intent: 'restore', versionId: baseVersionId, baseVersionId: version.id } : null,
  };
}
