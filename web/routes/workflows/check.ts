import { checkDraft } from '../../../services/workflow/editing/check-draft.ts';
import { toValues } from '../../shell/form.ts';
import { memberAction } from '../../shell/route.server.ts';
import { parseEditor, toCron } from './editor/values.ts';

const maxCriteria = 100;
const maxText = 2000;

/** Checks the editor's form while somebody types: what the use case says, with the texts that it is about. */
export const action = memberAction(async ({ ctx, form }) => {
  const values = toValues(form);
  const editor = parseEditor(values);
  const texts = [...new Set(editor.criteria.map(({ text }) => text.trim()))].slice(0, maxCriteria);
  const [workflowId] = values.workflowId ?? [];
  const checked = await checkDraft(ctx, {
    serverId: editor.serverId,
    ...(workflowId && { workflowId }),
    prompt: editor.prompt.slice(0, 100_000),
    criteria: texts.map((text) => text.slice(0, maxText)),
    testerModels: editor.testerModels.slice(0, 20),
    judgeModel: editor.judgeModel,
    schedule: toCron(editor)?.slice(0, 200) ?? null,
    timezone: editor.timezone.slice(0, 100),
  });
  return Response.json({ texts, ...checked });
});
