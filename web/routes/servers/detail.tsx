import {
  Form,
  type MetaFunction,
  redirect,
  useLoaderData,
  useNavigation,
  useParams,
  useSearchParams,
} from 'react-router';
import { ArmatureError } from '../../../domain/error/error.ts';
import { atLeast } from '../../../domain/role/role.ts';
import { archiveAuthProfile } from '../../../services/auth-profile/archive.ts';
import { createAuthProfile } from '../../../services/auth-profile/create.ts';
import { editAuthProfile } from '../../../services/auth-profile/edit.ts';
import { repeatabilities, setToolRepeatability } from '../../../services/catalog/set-tool-repeatability.ts';
import { syncServer } from '../../../services/catalog/sync.ts';
import { getToolChanges } from '../../../services/catalog/tool-changes.ts';
import { listIncidents } from '../../../services/incident/list.ts';
import { listMaintenance } from '../../../services/maintenance/list.ts';
import { archiveServer } from '../../../services/server/archive.ts';
import { probeSavedServer } from '../../../services/server/probe-saved.ts';
import { getServer } from '../../../services/server/reading/get.ts';
import { toFailureView, toProbeView } from '../../../services/server/view.ts';
import { useActionData } from '../../shell/action-data.ts';
import { text } from '../../shell/form.ts';
import { useLive } from '../../shell/live/live.tsx';
import { pickOne, query } from '../../shell/query.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { StateBadge } from '../../ui/base/badge.tsx';
import { Button, LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { addMaintenance, endMaintenanceOf } from '../maintenance/intents.server.ts';
import { Maintenance } from '../maintenance/windows.tsx';
import { MonitorTotals } from '../monitors/table.tsx';
import { AuthProfiles } from './auth-profiles.tsx';
import { parseAuth } from './auth-values.ts';
import { Probes, ToolChanges } from './history.tsx';
import { ProbeResult } from './probe/probe-result.tsx';
import { Status } from './probe/status.tsx';
import { readToolDiff } from './tool-diff.server.ts';
import { Tools } from './tools.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `${loaderData?.server.name ?? 'Server'} · Armature` },
];

/** On one page: each has its schemas. */
const maxTools = 100;

export const loader = memberLoader(async ({ ctx, params, org, url }) => {
  const serverId = params.serverId ?? '';
  const { changes: cursor, tools: toolPage } = query(url, ['changes', 'tools']);
  const [{ changes: _, tools, ...page }, { windows }, history, breaking] = await Promise.all([
    getServer(ctx, { serverId }),
    listMaintenance(ctx, { serverId }),
    getToolChanges(ctx, { serverId, ...(cursor && { cursor }), limit: 25 }),
    listIncidents(ctx, { serverId, kind: 'tool_change', state: 'open', limit: 100 }),
  ]);
  const first = Math.max(0, Math.trunc(Number(toolPage) || 0));
  return {
    ...page,
    failure: toFailureView(page.server.probeError),
    tools: tools.slice(first, first + maxTools),
    toolCount: tools.length,
    activeCount: tools.filter(({ active }) => active).length,
    warned: tools.flatMap(({ name, warnings, active }) => (active && warnings.length > 0 ? [{ name, warnings }] : [])),
    olderTools: first + maxTools < tools.length ? first + maxTools : null,
    newerTools: first > 0 ? Math.max(0, first - maxTools) : null,
    changes: history.changes.map((change) => ({ ...change, diff: readToolDiff(change.diff) })),
    olderChanges: history.nextCursor,
    openTools: Object.fromEntries(
      breaking.incidents.flatMap(({ id, subject: { tool } }) => (tool ? [[tool, id]] : [])),
    ),
    windows: windows.filter(({ state }, index) => state !== 'over' || index < 10),
    mayEdit: atLeast(org.role, 'admin'),
    mayMonitor: atLeast(org.role, 'editor'),
  };
});

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const serverId = params.serverId ?? '';
  const authProfileId = text(form, 'authProfileId');
  const done = (message: string) => ({ done: message });
  switch (text(form, 'intent')) {
    case 'sync': {
      const { toolCount, changes } = await syncServer(ctx, { serverId });
      return done(
        `Synced: ${toolCount} tools, ${changes.length === 0 ? 'nothing changed' : `${changes.length} changes`}.`,
      );
    }
    case 'probe':
      return { probe: toProbeView((await probeSavedServer(ctx, { serverId })).probe) };
    case 'probe-profile':
      return { probe: toProbeView((await probeSavedServer(ctx, { serverId, authProfileId })).probe) };
    case 'repeatability': {
      const repeatability = pickOne(text(form, 'repeatability'), repeatabilities) ?? null;
      await setToolRepeatability(ctx, { serverId, tool: text(form, 'tool'), repeatability });
      return done('Saved.');
    }
    case 'add-profile':
      await createAuthProfile(ctx, {
        serverId,
        name: text(form, 'name'),
        auth: parseAuth(form),
        isDefault: form.has('isDefault'),
      });
      return done('The auth profile was added.');
    case 'edit-profile':
      await editAuthProfile(ctx, { authProfileId, name: text(form, 'name'), auth: parseAuth(form) });
      return done('The auth profile was saved.');
    case 'default-profile':
      await editAuthProfile(ctx, { authProfileId, isDefault: true });
      return done('This auth profile is now the default.');
    case 'archive-profile': {
      const { workflows, monitors } = await archiveAuthProfile(ctx, { authProfileId });
      const users = [...workflows, ...monitors].map(({ name }) => name).join(', ');
      return done(users ? `Deleted. These need another profile now: ${users}.` : 'Deleted.');
    }
    case 'add-maintenance':
      return addMaintenance(ctx, form, serverId);
    case 'end-maintenance':
      return endMaintenanceOf(ctx, form);
    case 'archive':
      await archiveServer(ctx, { serverId });
      throw redirect(path('servers'));
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

export default function ServerPage() {
  const page = useLoaderData<typeof loader>();
  useLive(['server', 'workflow', 'monitor']);
  const {
    server,
    secretProblem,
    authProfiles,
    tools,
    changes,
    olderChanges,
    openTools,
    probes,
    workflows,
    monitors,
    windows,
    mayEdit,
  } = page;
  const answer = useActionData<typeof action>();
  const navigation = useNavigation();
  const [search] = useSearchParams();
  const busy =
    navigation.state === 'submitting' || navigation.state === 'loading' ? navigation.formData?.get('intent') : null;
  const archived = server.archivedAt !== null;
  const editable = mayEdit && !archived;
  const mayMonitor = page.mayMonitor && !archived;
  const inMaintenance = windows.some(({ state }) => state === 'active');
  const base = `/o/${useParams().org}`;
  const addMonitors = `${base}/monitors/new?server=${server.id}`;
  return (
    <div className="space-y-6">
      <PageHeader
        title={server.name}
        note={<span className="font-mono text-xs break-all">{server.url}</span>}
        trail={[{ to: '..', text: 'Servers' }]}
        actions={
          <>
            {mayMonitor ? <LinkButton to={addMonitors}>Add monitors</LinkButton> : null}
            <LinkButton to="coverage">Coverage</LinkButton>
            {editable ? (
              <>
                <Form method="post" className="flex flex-wrap gap-2">
                  <Button name="intent" value="probe" disabled={!!busy}>
                    {busy === 'probe' ? 'Probing …' : 'Probe'}
                  </Button>
                  <Button name="intent" value="sync" disabled={!!busy}>
                    {busy === 'sync' ? 'Syncing …' : 'Sync the catalog'}
                  </Button>
                </Form>
                <LinkButton to="edit">Edit</LinkButton>
                <LinkButton to="?confirm=delete#delete" variant="danger">
                  Delete
                </LinkButton>
              </>
            ) : null}
          </>
        }
      />
      {archived ? (
        <Notice title="This server was deleted.">Its history stays readable. Its secrets were destroyed.</Notice>
      ) : null}
      {[secretProblem, ...authProfiles.map((profile) => profile.secretProblem)].map((text) =>
        text ? <Notice key={text} tone="bad" title={text} /> : null,
      )}
      {search.has('connected') && mayMonitor ? (
        <Notice tone="good" title={`${server.name} is connected.`}>
          <p className="text-ink">
            Choose tools to call on a schedule, so that you are notified when one breaks. You can make a test call
            first.
          </p>
          <p className="mt-3 flex flex-wrap gap-2">
            <LinkButton to={addMonitors} variant="primary">
              Choose what to monitor
            </LinkButton>
            <LinkButton to="?">Not now</LinkButton>
          </p>
        </Notice>
      ) : null}
      {answer && 'problem' in answer ? <ErrorSummary problem={answer.problem} /> : null}
      {answer && 'done' in answer ? <Notice tone="good" alert title={answer.done} /> : null}
      {answer && 'probe' in answer ? <ProbeResult probe={answer.probe} /> : null}
      {editable && search.get('confirm') === 'delete' ? (
        <ConfirmDelete name={server.name} workflows={workflows} monitors={monitors.all} tools={page.toolCount} />
      ) : null}

      <Status {...page} inMaintenance={inMaintenance} />
      {monitors.all > 0 ? (
        <Card title="Monitors" aside={<TextLink to={`${base}/monitors?server=${server.id}`}>All monitors</TextLink>}>
          <MonitorTotals totals={monitors} server={server.id} list={`${base}/monitors`} />
        </Card>
      ) : null}
      <Tools
        tools={tools}
        mayEdit={editable}
        monitorsOf={`${base}/monitors`}
        addTo={mayMonitor ? addMonitors : null}
        server={server.id}
        active={page.activeCount}
        more={{
          older: page.olderTools === null ? null : `?tools=${page.olderTools}#tools`,
          newer: page.newerTools === null ? null : `?tools=${page.newerTools}#tools`,
        }}
      />
      <Card title="Workflows">
        {workflows.length === 0 ? (
          <p className="text-muted">No workflow tests this server yet.</p>
        ) : (
          <ul className="space-y-1">
            {workflows.map(({ id, name, state }) => (
              <li key={id} className="flex items-center gap-2">
                <TextLink to={`../../workflows/${id}`} relative="path">
                  {name}
                </TextLink>
                {state === 'active' ? null : <StateBadge state={state} />}
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Maintenance
        title="Maintenance windows"
        windows={windows}
        mayEdit={mayMonitor}
        problem={answer && 'problem' in answer ? answer.problem : undefined}
      />
      <ToolChanges
        changes={changes}
        base={base}
        openTools={openTools}
        more={{
          older: olderChanges && `?changes=${encodeURIComponent(olderChanges)}#changes`,
          newest: search.get('changes') ? '?#changes' : null,
        }}
      />
      <Probes probes={probes} />
      <AuthProfiles
        profiles={authProfiles}
        mayEdit={editable}
        problem={answer && 'problem' in answer ? answer.problem : undefined}
      />
    </div>
  );
}

function ConfirmDelete({
  name,
  workflows,
  monitors,
  tools,
}: {
  name: string;
  workflows: { id: string; name: string }[];
  monitors: number;
  tools: number;
}) {
  return (
    <section id="delete" aria-labelledby="delete-title" className="rounded-lg border border-fail/50 bg-surface p-4">
      <h2 id="delete-title" className="font-semibold text-fail">
        Delete {name}?
      </h2>
      <p className="mt-1">
        Its credentials are destroyed and it is no longer tested.{' '}
        {monitors > 0 ? `${monitors === 1 ? 'Its monitor goes' : `Its ${monitors} monitors go`} with it. ` : null}
        {workflows.length === 0 ? 'No workflow goes with it.' : null}
        {workflows.length > 0
          ? `${workflows.length === 1 ? 'This workflow is' : `These ${workflows.length} workflows are`} archived with it, and their schedules stop:`
          : null}
      </p>
      {workflows.length > 0 ? (
        <ul className="mt-2 list-disc pl-5">
          {workflows.map((workflow) => (
            <li key={workflow.id}>{workflow.name}</li>
          ))}
        </ul>
      ) : null}
      <p className="mt-2 text-muted">The catalog of {tools} tools, all runs and the change history stay readable.</p>
      <Form method="post" className="mt-4 flex gap-2" action="?">
        <Button variant="danger" name="intent" value="archive">
          Delete the server
        </Button>
        <LinkButton to="?">Cancel</LinkButton>
      </Form>
    </section>
  );
}
