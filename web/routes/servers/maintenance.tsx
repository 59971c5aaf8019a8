import { type MetaFunction, useLoaderData, useParams } from 'react-router';
import { ArmatureError } from '../../../domain/error/error.ts';
import { atLeast } from '../../../domain/role/role.ts';
import { listMaintenance } from '../../../services/maintenance/list.ts';
import { getServerSummary } from '../../../services/server/reading/summary.ts';
import { useActionData } from '../../shell/action-data.ts';
import { text } from '../../shell/form.ts';
import { useLive } from '../../shell/live/live.tsx';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Notice } from '../../ui/base/notice.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { addMaintenance, endMaintenanceOf } from '../maintenance/intents.server.ts';
import { Maintenance } from '../maintenance/windows.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Maintenance of ${loaderData?.name ?? 'a server'} · Armature` },
];

/** Windows that are over. */
const maxPastWindows = 20;

export const loader = memberLoader(async ({ ctx, params, org }) => {
  const serverId = params.serverId ?? '';
  const [{ server }, { windows }] = await Promise.all([
    getServerSummary(ctx, { serverId }),
    listMaintenance(ctx, { serverId }),
  ]);
  return {
    serverId,
    name: server.name,
    windows: windows
      .filter(({ state }, index) => state !== 'over' || index < maxPastWindows)
      .map(({ serverName, ...window }) => ({ ...window, scope: serverName ?? 'All servers' })),
    mayEdit: atLeast(org.role, 'editor') && server.archivedAt === null,
  };
});

export const action = memberAction(async ({ ctx, form, params }) => {
  switch (text(form, 'intent')) {
    case 'add-maintenance':
      return addMaintenance(ctx, form, params.serverId ?? '');
    case 'end-maintenance':
      return endMaintenanceOf(ctx, form);
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

export default function MaintenanceOfServer() {
  const { serverId, name, windows, mayEdit } = useLoaderData<typeof loader>();
  useLive(['server']);
  const answer = useActionData<typeof action>();
  const base = `/o/${useParams().org}`;
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  return (
    <div className="space-y-6">
      <PageHeader
        title="Maintenance"
        note={`When ${name} is worked on: failures raise no alert, and checks don't count in the uptime.`}
        trail={[
          { to: `${base}/servers`, text: 'Servers' },
          { to: `${base}/servers/${serverId}`, text: name },
        ]}
      />
      <ErrorSummary problem={problem} />
      {answer && 'done' in answer ? <Notice tone="good" alert title={answer.done} /> : null}
      <Maintenance title="Maintenance windows" windows={windows} mayEdit={mayEdit} problem={problem} />
    </div>
  );
}
