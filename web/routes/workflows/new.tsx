import { type MetaFunction, redirect, useLoaderData } from 'react-router';
import { type Limits, limits, type RetryPolicy, retryPolicy } from '../../../domain/workflow/definition.ts';
import { draftForTool } from '../../../services/coverage/draft-for-tool.ts';
import { listModels } from '../../../services/model/list.ts';
import { getServer } from '../../../services/server/reading/get.ts';
import { listServers } from '../../../services/server/reading/list.ts';
import { createWorkflow } from '../../../services/workflow/create.ts';
import { useActionData } from '../../shell/action-data.ts';
import { useDraft } from '../../shell/draft/use-draft.ts';
import { toValues } from '../../shell/form.ts';
import { id } from '../../shell/query.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { type EditorValues, parseEditor, toDefinition, toEditor } from './editor/values.ts';
import { WorkflowEditor } from './editor/workflow-editor.tsx';

export const meta: MetaFunction = () => [{ title: 'New workflow · Armature' }];

export const loader = memberLoader(async ({ ctx, url }) => {
  const [{ servers }, { models }] = await Promise.all([listServers(ctx, { limit: 100 }), listModels(ctx, {})]);
  const chosen = id(url.searchParams.get('server') ?? undefined) ?? (servers.length === 1 ? servers[0]?.id : undefined);
  const tool = url.searchParams.get('tool');
  const found = chosen ? await getServer(ctx, { serverId: chosen }) : null;
  const draft = chosen && tool ? (await draftForTool(ctx, { serverId: chosen, tool })).definition : null;
  return {
    servers: servers.map(({ id, name, url }) => ({ id, name, url })),
    models,
    defaults: { limit: limits.parse({}), retry: retryPolicy.parse({}) },
    now: ctx.deps.now().toISOString(),
    draft,
    server: found && {
      id: found.server.id,
      name: found.server.name,
      authProfiles: found.authProfiles.map(({ id, name, isDefault }) => ({ id, name, isDefault })),
      tools: found.tools.filter(({ active }) => active).map(({ name, description }) => ({ name, description })),
    },
  };
});

export const action = memberAction(async ({ ctx, form, path }) => {
  const { workflow } = await createWorkflow(ctx, { definition: toDefinition(parseEditor(toValues(form))) });
  throw redirect(path(`workflows/${workflow.id}`));
});

export default function NewWorkflow() {
  const { servers, server, models, defaults, now, draft: suggested } = useLoaderData<typeof loader>();
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
  if (!server)
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
  const editor = draft.values
    ? parseEditor(draft.values)
    : suggested
      ? toEditor(suggested)
      : blank(server.id, models, defaults);
  return (
    <>
      {header}
      <WorkflowEditor
        draft={draft}
        editor={{ ...editor, serverId: server.id }}
        around={{
          models,
          authProfiles: server.authProfiles,
          tools: server.tools,
          serverName: server.name,
          otherServer: servers.length > 1 ? '?server=' : null,
          now,
        }}
        problem={answer?.problem}
        submit="Create the workflow"
      />
    </>
  );
}

function blank(
  serverId: string,
  models: { id: string; tester: boolean; judge: boolean; keySet: boolean }[],
  { limit, retry }: { limit: Limits; retry: RetryPolicy },
): EditorValues {
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
