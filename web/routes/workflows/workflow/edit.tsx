import { useState } from 'react';
import {
  data,
  type MetaFunction,
  redirect,
  type ShouldRevalidateFunctionArgs,
  useLoaderData,
  useParams,
} from 'react-router';
import { newId } from '../../../../services/context/ids.ts';
import { listModels } from '../../../../services/model/list.ts';
import { dispatchRun } from '../../../../services/run/dispatch/dispatch.ts';
import { searchRuns } from '../../../../services/run/reading/search.ts';
import { getWorkflow } from '../../../../services/workflow/reading/get.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { useDraft } from '../../../shell/draft/use-draft.ts';
import { kept, text, toValues } from '../../../shell/form.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Card } from '../../../ui/base/card.tsx';
import { MergeView } from '../../../ui/form/merge-view.tsx';
import { loadSurroundings } from '../editor/surroundings.server.ts';
import { parseEditor, toEditor } from '../editor/values.ts';
import { WorkflowEditor } from '../editor/workflow-editor.tsx';
import { EditorHistory } from './editor-history.tsx';
import { saveMerged } from './save.server.ts';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Edit ${loaderData?.definition.name ?? 'workflow'} · Armature` },
];

const shownHistory = 5;

export const loader = memberLoader(async ({ ctx, params }) => {
  const workflowId = params.workflowId ?? '';
  const [found, { models }, { runs }] = await Promise.all([
    getWorkflow(ctx, { workflowId }),
    listModels(ctx, {}),
    searchRuns(ctx, { workflowId, limit: shownHistory }),
  ]);
  const { definition, version, versions, server, authProfiles } = found;
  return {
    definition,
    version,
    versions: versions.slice(0, shownHistory),
    runs: runs.map(({ id, status, error, model, createdAt }) => ({ id, status, error, model, createdAt })),
    around: {
      models,
      authProfiles,
      serverName: server.name,
      ...(await loadSurroundings(ctx, { editor: toEditor(definition), workflowId })),
    },
    /** Key of the next "Save and run", so that a double click is one dispatch. */
    idempotencyKey: newId(),
  };
});
export type EditData = ReturnType<typeof useLoaderData<typeof loader>>;

/** What the form began from stays while it is edited, whatever changes meanwhile. */
export const shouldRevalidate = ({ formAction, currentUrl, nextUrl }: ShouldRevalidateFunctionArgs) =>
  currentUrl.pathname !== nextUrl.pathname || formAction === currentUrl.pathname;

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const workflowId = params.workflowId ?? '';
  const conflict = await saveMerged(ctx, { workflowId, form });
  if (conflict) return data({ ...conflict, values: toValues(form) }, { status: 409 });
  if (text(form, 'intent') !== 'run') throw redirect(path(`workflows/${workflowId}`));
  const { runs } = await dispatchRun(ctx, { workflowId, idempotencyKey: text(form, 'idempotencyKey') });
  const [first, second] = runs;
  throw redirect(path(first && !second ? `runs/${first.runId}` : `runs?workflow=${workflowId}`));
});

export default function EditWorkflow() {
  const { definition, version, around, versions, runs, idempotencyKey } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const [begunFrom] = useState(version.id);
  const { org, workflowId = '' } = useParams();
  const base = `/o/${org}`;
  const draft = useDraft({ answer, values: answer?.values });
  const conflict = answer && 'conflict' in answer ? answer.conflict : null;
  const editor = draft.values ? parseEditor(draft.values) : toEditor(definition);
  return (
    <WorkflowEditor
      draft={draft}
      editor={editor}
      around={{ ...around, otherServer: null }}
      problem={answer?.problem}
      hidden={{
        workflowId,
        idempotencyKey,
        baseVersionId: kept(draft.values, 'baseVersionId', begunFrom),
        ...(conflict && { mergedWith: conflict.currentVersionId }),
      }}
      save={conflict ? 'Save merged version' : 'Save'}
      saveAndRun="Save and run"
      merge={
        conflict ? (
          <Card title="Merge">
            <MergeView rows={conflict.rows} theirs={conflict.theirs} />
          </Card>
        ) : null
      }
      history={
        <EditorHistory versions={versions} runs={runs} base={base} pageUrl={`${base}/workflows/${workflowId}`} />
      }
    />
  );
}
