import { useState } from 'react';
import { type MetaFunction, redirect, type ShouldRevalidateFunctionArgs, useLoaderData } from 'react-router';
import { listModels } from '../../../../services/model/list.ts';
import { getServer } from '../../../../services/server/reading/get.ts';
import { getWorkflow } from '../../../../services/workflow/reading/get.ts';
import { saveWorkflow } from '../../../../services/workflow/save.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { useDraft } from '../../../shell/draft/use-draft.ts';
import { kept, text, toValues } from '../../../shell/form.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { parseEditor, toDefinition, toEditor } from '../editor/values.ts';
import { WorkflowEditor } from '../editor/workflow-editor.tsx';
import { BothVersions } from './both-versions.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Edit ${loaderData?.workflow.name ?? 'workflow'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params }) => {
  const [found, { models }] = await Promise.all([
    getWorkflow(ctx, { workflowId: params.workflowId ?? '' }),
    listModels(ctx, {}),
  ]);
  const { workflow, definition, version, server, authProfiles } = found;
  const { tools } = await getServer(ctx, { serverId: server.id });
  return {
    workflow: { id: workflow.id, name: workflow.name },
    definition,
    version,
    serverName: server.name,
    authProfiles,
    tools: tools.filter(({ active }) => active).map(({ name, description }) => ({ name, description })),
    models,
    now: ctx.deps.now().toISOString(),
  };
});

/**
 * What the form began from stays while it is edited, whatever changes meanwhile. A refused save loads it again, to show
 * the current version beside one's own.
 */
export const shouldRevalidate = ({ formAction, currentUrl, nextUrl }: ShouldRevalidateFunctionArgs) =>
  currentUrl.pathname !== nextUrl.pathname || formAction === currentUrl.pathname;

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const workflowId = params.workflowId ?? '';
  const changes = toDefinition(parseEditor(toValues(form)));
  await saveWorkflow(ctx, { workflowId, baseVersionId: text(form, 'baseVersionId'), changes });
  throw redirect(path(`workflows/${workflowId}`));
});

export default function EditWorkflow() {
  const { definition, version, serverName, authProfiles, tools, models, now } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const [begunFrom] = useState(version.id);
  const isStale = answer?.problem.code === 'base_version_stale';
  const draft = useDraft({ answer, values: answer?.values });
  const editor = draft.values ? parseEditor(draft.values) : toEditor(definition);
  return (
    <WorkflowEditor
      draft={draft}
      editor={editor}
      around={{ models, authProfiles, tools, serverName, otherServer: null, now }}
      problem={answer?.problem}
      // After both versions were shown, the next save builds on the current one.
      baseVersionId={isStale ? version.id : kept(draft.values, 'baseVersionId', begunFrom)}
      submit={isStale ? 'Save my version' : 'Save'}
    >
      {isStale ? <BothVersions current={definition} number={version.number} mine={toDefinition(editor)} /> : null}
    </WorkflowEditor>
  );
}
