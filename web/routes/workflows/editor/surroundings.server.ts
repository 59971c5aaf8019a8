import type { Context } from '../../../../services/context/context.ts';
import { getServer } from '../../../../services/server/reading/get.ts';
import { checkDraft } from '../../../../services/workflow/editing/check-draft.ts';
import { getResultPaths } from '../../../../services/workflow/editing/result-paths.ts';
import { type EditorValues, toCron } from './values.ts';

const maxDescription = 160;

/** What the editor knows of its server and of the latest run, and what is found of what it has at first. */
export async function loadSurroundings(
  ctx: Context,
  { editor, workflowId }: { editor: EditorValues; workflowId?: string },
) {
  const texts = [...new Set(editor.criteria.map(({ text }) => text.trim()))];
  const [{ tools }, paths, checked] = await Promise.all([
    getServer(ctx, { serverId: editor.serverId }),
    workflowId ? getResultPaths(ctx, { workflowId }) : { tools: [] },
    checkDraft(ctx, {
      serverId: editor.serverId,
      ...(workflowId && { workflowId }),
      prompt: editor.prompt,
      criteria: texts,
      testerModels: editor.testerModels,
      judgeModel: editor.judgeModel,
      schedule: toCron(editor),
      timezone: editor.timezone,
    }),
  ]);
  return {
    tools: tools
      .filter(({ active }) => active)
      .map(({ name, description }) => ({ name, description: description.slice(0, maxDescription) })),
    paths: paths.tools,
    check: { texts, ...checked },
  };
}
