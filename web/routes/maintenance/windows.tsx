import { useState } from 'react';
import { Form } from 'react-router';
import type { MaintenanceView } from '../../../services/maintenance/view.ts';
import type { Problem } from '../../shell/problem.ts';
import { fieldProblem } from '../../shell/problem.ts';
import { Badge, MaintenanceBadge } from '../../ui/base/badge.tsx';
import { Button } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { Time } from '../../ui/base/time.tsx';
import { SelectField, TextField } from '../../ui/form/field.tsx';
import { useHydrated } from '../../ui/hooks/use-hydrated.ts';

type Window = Pick<MaintenanceView, 'id' | 'serverId' | 'startsAt' | 'endsAt' | 'reason' | 'state'>;

const lengths = [
  [30, '30 minutes'],
  [60, '1 hour'],
  [120, '2 hours'],
  [240, '4 hours'],
  [480, '8 hours'],
  [1440, '1 day'],
] as const;

/** The maintenance windows of a server or of the workspace, with a form to add one. */
export function Maintenance({
  title,
  windows,
  mayEdit,
  problem,
}: {
  title: string;
  windows: readonly Window[];
  mayEdit: boolean;
  problem: Problem | undefined;
}) {
  return (
    <Card
      id="maintenance"
      flush
      title={title}
      aside={windows.some(({ state }) => state === 'active') ? <MaintenanceBadge /> : null}
    >
      {windows.length === 0 ? (
        <p className="px-4 pt-4 text-muted">
          None. During a window failures raise no alert, and checks don't count in the uptime.
        </p>
      ) : (
        <ul className="divide-y divide-line">
          {windows.map(({ id, serverId, startsAt, endsAt, reason, state }) => (
            <li key={id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
              <span>
                <Time at={startsAt} /> – <Time at={endsAt} />
              </span>
              {state === 'active' ? <Badge tone="info">Now</Badge> : null}
              {state === 'over' ? <Badge>Over</Badge> : null}
              {serverId === null ? <Badge>All servers</Badge> : null}
              <span className="min-w-0 flex-1 text-muted">{reason}</span>
              {mayEdit && state !== 'over' ? (
                <Form method="post" action="?">
                  <input type="hidden" name="maintenanceId" value={id} />
                  <Button name="intent" value="end-maintenance" variant="quiet">
                    {state === 'active' ? 'End now' : 'Delete'}
                  </Button>
                </Form>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {mayEdit ? <AddWindow key={windows.length} problem={problem} /> : null}
    </Card>
  );
}

function AddWindow({ problem }: { problem: Problem | undefined }) {
  // The field holds a time without a zone. With JavaScript it is the reader's, sent as an exact time too.
  const hydrated = useHydrated();
  const [local, setLocal] = useState('');
  const exact = hydrated && local !== '' ? new Date(local) : null;
  return (
    <Form method="post" action="?" className="flex flex-wrap items-start gap-3 p-4">
      {exact && Number.isFinite(exact.getTime()) ? (
        <input type="hidden" name="startsAt" value={exact.toISOString()} />
      ) : null}
      <TextField
        label={hydrated ? 'Starts' : 'Starts (UTC)'}
        name="startsAtLocal"
        type="datetime-local"
        value={local}
        onChange={(event) => setLocal(event.target.value)}
        hint="Leave empty to start now."
        problem={fieldProblem(problem, 'startsAt')}
      />
      <SelectField label="Lasts" name="minutes" defaultValue="60" problem={fieldProblem(problem, 'endsAt')}>
        {lengths.map(([minutes, words]) => (
          <option key={minutes} value={minutes}>
            {words}
          </option>
        ))}
      </SelectField>
      <div className="min-w-48 flex-1">
        <TextField
          label="Reason (optional)"
          name="reason"
          maxLength={500}
          autoComplete="off"
          problem={fieldProblem(problem, 'reason')}
        />
      </div>
      <Button name="intent" value="add-maintenance" className="mt-6">
        Add window
      </Button>
    </Form>
  );
}
