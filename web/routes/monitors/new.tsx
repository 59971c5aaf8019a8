import { randomUUID } from 'node:crypto';
import { type MetaFunction, redirect, type ShouldRevalidateFunctionArgs, useLoaderData, useParams } from 'react-router';
import { ArmatureError, type Warning } from '../../../domain/error/error.ts';
import { toFields } from '../../../domain/schema/form.ts';
import type { Context } from '../../../services/context/context.ts';
import { checkMonitorsNow } from '../../../services/monitor/check-now.ts';
import { createMonitors } from '../../../services/monitor/create.ts';
import { suggestMonitors } from '../../../services/monitor/tool-call/suggest.ts';
import { testCall } from '../../../services/monitor/tool-call/test-call.ts';
import { listServers } from '../../../services/server/reading/list.ts';
import { useActionData } from '../../shell/action-data.ts';
import { useDraft } from '../../shell/draft/use-draft.ts';
import { kept, text, toValues } from '../../shell/form.ts';
import { id } from '../../shell/query.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import {
  parseArguments,
  parseInterval,
  parseMonitor,
  placeInList,
  placeInOne,
  withRows,
} from './editor/form.server.ts';
import { findFailing, toCallKey } from './editor/test-rows.server.ts';
import { ToolChoices } from './editor/tool-choices.tsx';
import { freshKey, type MonitorRow, noErrors, parseRows, switched, toRow } from './editor/values.ts';
import { MonitorWizard } from './editor/wizard.tsx';

export const meta: MetaFunction = () => [{ title: 'Add monitors · Armature' }];

const maxRows = 100;
const serverOf = (url: URL) => id(url.searchParams.get('server') ?? undefined);

export const loader = memberLoader(async ({ ctx, url }) => {
  const serverId = serverOf(url);
  if (!serverId) {
    const { servers } = await listServers(ctx, { limit: 100 });
    const [first] = servers;
    if (first && servers.length === 1) throw redirect(`?server=${first.id}`);
    return { step: 'server' as const, servers: servers.map(({ id, name, url }) => ({ id, name, url })) };
  }
  const { server, authProfiles, tools } = await suggestMonitors(ctx, { serverId });
  const asked = url.searchParams.getAll('tool');
  const known = new Map(tools.map((tool) => [tool.name, tool]));
  const chosen = asked.flatMap((name) => known.get(name) ?? []).slice(0, maxRows);
  if (chosen.length === 0)
    return {
      step: 'tools' as const,
      server,
      noneChosen: url.searchParams.has('step') || asked.length > 0,
      tools: tools.map(({ name, title, description, annotations, preselected, why, monitors }) => ({
        name,
        title,
        description,
        annotations,
        preselected,
        why,
        monitors: monitors.map(({ id, name }) => ({ id, name })),
      })),
    };
  return {
    step: 'arguments' as const,
    server,
    authProfiles,
    schemas: Object.fromEntries(chosen.map(({ name, inputSchema }) => [name, inputSchema])),
    descriptions: Object.fromEntries(chosen.map(({ name, description }) => [name, description])),
    writing: chosen.filter(({ annotations }) => !annotations.readOnly).map(({ name }) => name),
    rows: chosen.map((tool, index) =>
      toRow({ key: `m${index}`, tool: tool.name }, { schema: tool.inputSchema, arguments: tool.sampleArguments }),
    ),
  };
});

/** A test call changes nothing that the page shows. */
export const shouldRevalidate = ({ formData, defaultShouldRevalidate }: ShouldRevalidateFunctionArgs) =>
  !String(formData?.get('intent') ?? '').startsWith('test:') && defaultShouldRevalidate;

export const action = memberAction(async ({ ctx, form, path }) => {
  const serverId = id(text(form, 'serverId')) ?? '';
  const { tools } = await suggestMonitors(ctx, { serverId });
  const schemaOf = (name: string) => tools.find((tool) => tool.name === name)?.inputSchema;
  const rows = parseRows(toValues(form));
  const [intent, key] = text(form, 'intent').split(':');
  const authProfileId = id(text(form, 'authProfileId'));
  const common = { serverId, ...(authProfileId && { authProfileId }) };
  const row = rows.find((each) => each.key === key);
  if (intent === 'save' || intent === 'save-anyway') {
    const args = parseArguments(rows, schemaOf);
    if (intent === 'save') {
      const failed = await findFailing(ctx, { form, rows, args, call: common, schemaOf });
      if (failed.length > 0) return { rows, failed };
    }
    const { monitors, warnings } = await withRows(placeInList(rows), () =>
      createMonitors(ctx, {
        ...common,
        intervalSeconds: parseInterval(form),
        monitors: rows.map((each, index) => parseMonitor(each, args[index] ?? {})),
      }),
    );
    // Taken before the checks start, so that all of them are later.
    const asked = ctx.deps.now().toISOString();
    const late = await firstChecks(
      ctx,
      monitors.map((each) => each.id),
    );
    const all = [...warnings, ...late];
    if (all.length === 0) throw redirect(path(`monitors?server=${serverId}&asked=${encodeURIComponent(asked)}`));
    return { made: monitors.map(({ id, name }) => ({ id, name })), warnings: all, rows };
  }
  if (!row) throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  switch (intent) {
    case 'test': {
      const [args = {}] = parseArguments([row], schemaOf);
      const { name: _, storeResults: __, ...call } = parseMonitor(row, args);
      const result = await withRows(placeInOne(row), () => testCall(ctx, { ...common, ...call }));
      return { rows, tested: { key: row.key, result, call: toCallKey(args, common) } };
    }
    case 'switch': {
      const { values, errors } = switched(row, toFields(schemaOf(row.tool)).fields);
      return {
        rows: rows.map((each) => (each === row ? values : each)),
        errors: errors.map(({ field, message }) => ({ field: `${row.key}.${field}`, message })),
      };
    }
    case 'another': {
      const copy = { ...row, key: freshKey(rows), name: row.name === '' ? '' : `${row.name} 2` };
      return { rows: rows.length < maxRows ? rows.flatMap((each) => (each === row ? [each, copy] : [each])) : rows };
    }
    default:
      return { rows: rows.filter((each) => each !== row) };
  }
});

/**
 * If the first checks can't be started, the monitors stay saved, and the page says that the schedules will check them.
 */
async function firstChecks(ctx: Context, monitorIds: string[]): Promise<Warning[]> {
  try {
    await checkMonitorsNow(ctx, { monitorIds, key: randomUUID() });
    return [];
  } catch (error) {
    ctx.deps.log.warn({ err: error, requestId: ctx.requestId }, 'the first checks of new monitors did not start');
    return [{ code: 'first_checks_late', message: 'The first checks did not start. They come with the schedule.' }];
  }
}

export default function NewMonitors() {
  const page = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const draft = useDraft({
    answer,
    values: answer && 'values' in answer ? answer.values : undefined,
    isSaved: answer !== undefined && 'made' in answer,
  });
  const base = `/o/${useParams().org}`;
  if (page.step === 'server')
    return (
      <>
        <PageHeader title="Add monitors" trail={[{ to: '..', text: 'Monitors' }]} />
        {page.servers.length === 0 ? (
          <EmptyState
            title="Connect a server first"
            action={
              <LinkButton to={`${base}/servers/new`} variant="primary">
                Connect a server
              </LinkButton>
            }
          >
            A monitor calls one tool of an MCP server.
          </EmptyState>
        ) : (
          <Card title="Choose a server" flush>
            <ul className="divide-y divide-line">
              {page.servers.map(({ id, name, url }) => (
                <li key={id} className="px-4 py-3">
                  <TextLink to={`?server=${id}`} className="font-medium">
                    {name}
                  </TextLink>
                  <p className="truncate text-muted">{url}</p>
                </li>
              ))}
            </ul>
          </Card>
        )}
      </>
    );
  const { server } = page;
  const header = (note: string) => (
    <PageHeader
      title={`Monitor ${server.name}`}
      note={note}
      trail={[
        { to: '..', text: 'Monitors' },
        { to: `../../servers/${server.id}`, text: server.name },
      ]}
    />
  );
  if (answer && 'made' in answer && answer.made)
    return (
      <>
        {header('')}
        <Notice
          tone="warning"
          alert
          title={`${answer.made.length} ${answer.made.length === 1 ? 'monitor was' : 'monitors were'} made, with warnings.`}
        >
          <ul className="list-disc pl-5">
            {answer.warnings.map(({ code, message }) => (
              <li key={`${code} ${message}`}>{message}</li>
            ))}
          </ul>
          <p className="mt-2">
            <TextLink to={`${base}/monitors?server=${server.id}`}>View monitors</TextLink>
          </p>
        </Notice>
      </>
    );
  if (page.step === 'tools')
    return (
      <>
        {header('Each monitor calls one tool with fixed arguments, on a schedule. No agent, no model.')}
        {page.noneChosen ? (
          <div className="mb-4">
            <Notice tone="warning" alert title="Choose at least one of the server's tools." />
          </div>
        ) : null}
        {page.tools.length === 0 ? (
          <EmptyState
            title="This server has no tools to monitor"
            action={<LinkButton to={`${base}/servers/${server.id}`}>View server</LinkButton>}
          >
            Sync its catalog, then come back.
          </EmptyState>
        ) : (
          <ToolChoices serverId={server.id} tools={page.tools} base={base} />
        )}
      </>
    );
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const { values } = draft;
  const rows: MonitorRow[] = values ? parseRows(values) : answer && 'rows' in answer ? answer.rows : page.rows;
  return (
    <>
      {header('Set the arguments for each tool. The first checks start when you save.')}
      <MonitorWizard
        draft={draft}
        serverId={server.id}
        rows={rows}
        schemas={page.schemas}
        descriptions={page.descriptions}
        authProfiles={page.authProfiles}
        authProfileId={kept(values, 'authProfileId')}
        intervalSeconds={Number(kept(values, 'intervalSeconds', '300'))}
        problem={problem}
        errors={problem?.fieldErrors ?? (answer && 'errors' in answer ? answer.errors : undefined) ?? noErrors}
        tested={answer && 'tested' in answer ? answer.tested : undefined}
        failed={answer && 'failed' in answer ? answer.failed : undefined}
        writing={page.writing}
        otherTools={`?server=${server.id}`}
      />
    </>
  );
}
