import { type MetaFunction, redirect, type ShouldRevalidateFunctionArgs, useLoaderData } from 'react-router';
import { limits, retryPolicy } from '../../../domain/workflow/definition.ts';
import { newId } from '../../../services/context/ids.ts';
import { draftForTool } from '../../../services/coverage/draft-for-tool.ts';
import { listModels } from '../../../services/model/list.ts';
import { dispatchRun } from '../../../services/run/dispatch/dispatch.ts';
import { getServer } from '../../../services/server/reading/get.ts';
import { listServers } from '../../../services/server/reading/list.ts';
import { createWorkflow } from '../../../services/workflow/create.ts';
import { useActionData } from '../../shell/action-data.ts';
import { useDraft } from '../../shell/draft/use-draft.ts';
import { kept, text, toValues, type Values } from '../../shell/form.ts';
import { fieldProblem, type Problem } from '../../shell/problem.ts';
import { id } from '../../shell/query.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { TextField } from '../../ui/form/field.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import type { Model } from './editor/definition-fields.tsx';
import { loadSurroundings } from './editor/surroundings.server.ts';
import { type EditorValues, parseEditor, toDefinition, toEditor } from './editor/values.ts';
import { WorkflowEditor } from './editor/workflow-editor.tsx';

export const meta: MetaFunction = () => [{ title: 'New workflow · Armature' }];

export const loader = memberLoader(async ({ ctx, url }) => {
  const [{ servers }, { models }] = await Promise.all([listServers(ctx, { limit: 100 }), listModels(ctx, {})]);
  const chosen = id(url.searchParams.get('server') ?? undefined) ?? (servers.length === 1 ? servers[0]?.id : undefined);
  const listed = servers.map(({ id, name, url }) => ({ id, name, url }));
  if (!chosen) return { servers: listed, chosen: null };
  const tool = url.searchParams.get('tool');
  const { server, authProfiles } = await getServer(ctx, { serverId: chosen });
  const suggested = tool ? (await draftForTool(ctx, { serverId: chosen, tool })).definition : null;
  const editor = suggested ? { ...toEditor(suggested), serverId: chosen } : blank(chosen, models);
  return {
    servers: listed,
    chosen: {
      editor,
      around: {
        models,
        authProfiles: authProfiles.map(({ id, name, isDefault }) => ({ id, name, isDefault })),
        serverName: server.name,
        ...(await loadSurroundings(ctx, { editor })),
      },
      /** Key of "Create and run", so that a double click is one dispatch. */
      idempotencyKey: newId(),
    },
  };
});

export const action = memberAction(async ({ ctx, form, path }) => {
  const slug = text(form, 'slug').trim();
  const tags = text(form, 'tags')
    .split(/[\s,]+/)
    .filter(Boolean);
  const { workflow } = await createWorkflow(ctx, {
    definition: toDefinition(parseEditor(toValues(form))),
    ...(slug && { slug }),
    ...(tags.length > 0 && { tags }),
  });
  if (text(form, 'intent') !== 'run') throw redirect(path(`workflows/${workflow.id}`));
  const { runs } = await dispatchRun(ctx, {
    workflowId: workflow.id,
    idempotencyKey: text(form, 'idempotencyKey'),
  });
  const [first, second] = runs;
  throw redirect(path(first && !second ? `runs/${first.runId}` : `runs?workflow=${workflow.id}`));
});

/** The form keeps what it began from. */
export const shouldRevalidate = ({ currentUrl, nextUrl }: ShouldRevalidateFunctionArgs) =>
  currentUrl.href !== nextUrl.href;

export default function NewWorkflow() {
  const { servers, chosen } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const draft = useDraft({ answer, values: answer?.values });
  const header = <PageHeader title="New workflow" trail={[{ to: '..', text: 'Workflows' }]} />;
  if (servers.length === 0)
    return (
      <>
        {header}
        <EmptyState
          title="Connect a server first"
          action={
            <LinkButton to="../../servers/new" relative="path" variant="primary">
              Connect a server
            </LinkButton>
          }
        >
          A workflow tests one MCP server.
        </EmptyState>
      </>
    );
  if (!chosen)
    return (
      <>
        {header}
        <Card title="Choose a server" flush>
          <ul className="divide-y divide-line">
            {servers.map(({ id, name, url }) => (
              <li key={id} className="px-4 py-3">
                <TextLink to={`?server=${id}`} className="font-medium">
                  {name}
                </TextLink>
                <p className="truncate text-muted">{url}</p>
              </li>
            ))}
          </ul>
        </Card>
      </>
    );
  const { editor, around, idempotencyKey } = chosen;
  return (
    <>
      {header}
      <WorkflowEditor
        draft={draft}
        editor={draft.values ? { ...parseEditor(draft.values), serverId: editor.serverId } : editor}
        around={{ ...around, otherServer: servers.length > 1 ? '?' : null }}
        problem={answer?.problem}
        hidden={{ idempotencyKey }}
        save="Create workflow"
        saveAndRun="Create and run"
        more={<NamesInFiles values={draft.values} problem={answer?.problem} />}
      />
    </>
  );
}

/** What is outside of the versions, and is chosen when a workflow is created. */
function NamesInFiles({ values, problem }: { values: Values | undefined; problem: Problem | undefined }) {
  return (
    <div className="grid gap-4 md:grid-cols-2">
      <TextField
        label="Slug (optional)"
        name="slug"
        defaultValue={kept(values, 'slug')}
        placeholder="Made from the name"
        autoComplete="off"
        hint="What files and commands call it. It can't change later."
        problem={fieldProblem(problem, 'slug')}
      />
      <TextField
        label="Tags (optional)"
        name="tags"
        defaultValue={kept(values, 'tags')}
        autoComplete="off"
        hint="With commas between them, to filter lists by."
        problem={problem?.fieldErrors.find(({ field }) => /^tags\b/.test(field))?.message}
      />
    </div>
  );
}

function blank(serverId: string, models: Model[]): EditorValues {
  const [limit, retry] = [limits.parse({}), retryPolicy.parse({})];
  // A configured provider can do more than the built-in models. Uses the first model that the operator lists.
  const best = (part: 'tester' | 'judge') => {
    const usable = models.filter((model) => model[part] && model.keySet);
    return (usable.find(({ id }) => !id.startsWith('builtin/')) ?? usable[0])?.id ?? '';
  };
  return {
    name: '',
    description: '',
    serverId,
    authProfileId: '',
    testerModels: [best('tester')],
    judgeModel: best('judge'),
    prompt: '',
    criteria: [],
    preset: '',
    cron: '',
    timezone: 'UTC',
    policy: [],
    limits: {
      turns: String(limit.turns),
      toolCalls: String(limit.toolCalls),
      seconds: String(limit.seconds),
      tokens: String(limit.tokens),
      toolCallSeconds: String(limit.toolCallSeconds),
    },
    retryPolicy: { attempts: String(retry.attempts), backoffSeconds: String(retry.backoffSeconds) },
    storeToolResults: true,
    metadata: '',
  };
}
