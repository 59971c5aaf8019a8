import { type MetaFunction, useLoaderData } from 'react-router';
import { atLeast } from '../../../domain/role/role.ts';
import { listMaintenance } from '../../../services/maintenance/list.ts';
import { useActionData } from '../../shell/action-data.ts';
import { text } from '../../shell/form.ts';
import { useLive } from '../../shell/live/live.tsx';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Notice } from '../../ui/base/notice.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { addMaintenance, endMaintenanceOf } from '../maintenance/intents.server.ts';
import { Maintenance } from '../maintenance/windows.tsx';
import { AlertsHeader } from './header.tsx';

export const meta: MetaFunction = () => [{ title: 'Maintenance · Alerts · Armature' }];

/** Windows that are over. */
const maxPastWindows = 20;

export const loader = memberLoader(async ({ ctx, org }) => {
  const { windows } = await listMaintenance(ctx, {});
  return {
    windows: windows
      .filter(({ state }, index) => state !== 'over' || index < maxPastWindows)
      .map(({ serverName, ...window }) => ({ ...window, scope: serverName ?? 'All servers' })),
    mayEdit: atLeast(org.role, 'editor'),
  };
});

export const action = memberAction(async ({ ctx, form }) =>
  text(form, 'intent') === 'add-maintenance' ? addMaintenance(ctx, form, null) : endMaintenanceOf(ctx, form),
);

export default function MaintenanceOfAll() {
  const { windows, mayEdit } = useLoaderData<typeof loader>();
  useLive(['server']);
  const answer = useActionData<typeof action>();
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  return (
    <>
      <AlertsHeader note="Times in which failures raise no alert and don't count in the uptime. A window for one server is planned on its page." />
      <div className="space-y-6">
        <ErrorSummary problem={problem} />
        {answer && 'done' in answer ? <Notice tone="good" alert title={answer.done} /> : null}
        <Maintenance title="Maintenance windows" windows={windows} mayEdit={mayEdit} problem={problem} />
      </div>
    </>
  );
}
