import { useState } from 'react';
import { Form } from 'react-router';
import type { MaintenanceView } from '../../../services/maintenance/view.ts';
import type { Problem } from '../../shell/problem.ts';
import { fieldProblem } from '../../shell/problem.ts';
import { useReader } from '../../shell/reader-provider.tsx';
import { Badge, MaintenanceBadge } from '../../ui/base/badge.tsx';
import { Button } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { StateLabel } from '../../ui/base/status-chip.tsx';
import { Time } from '../../ui/base/time.tsx';
import { type Column, DataTable } from '../../ui/data/data-table.tsx';
import { SelectField, TextField } from '../../ui/form/field.tsx';
import { useHydrated } from '../../ui/hooks/use-hydrated.ts';

type Window = Pick<MaintenanceView, 'id' | 'startsAt' | 'endsAt' | 'reason' | 'state'> & {
  /** What it silences: "All servers", or the name of one. */
  scope: string;
};

const lengths = [
  [30, '30 minutes'],
  [60, '1 hour'],
  [120, '2 hours'],
  [240, '4 hours'],
  [480, '8 hours'],
  [1440, '1 day'],
] as const;

/** Maintenance windows, current and coming ones first, with a form to add one. @param props.title of the whole */
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
  const past = windows.filter(({ state }) => state === 'over');
  const current = windows.filter(({ state }) => state !== 'over');
  return (
    <>
      <Card
        id="maintenance"
        flush
        title={title}
        aside={windows.some(({ state }) => state === 'active') ? <MaintenanceBadge /> : null}
      >
        {current.length > 0 ? (
          <WindowTable label="Current and coming maintenance" windows={current} mayEdit={mayEdit} />
        ) : (
          <p className="px-4 pt-4 text-muted">
            None now or planned. During a window failures raise no alert, and checks don't count in the uptime.
          </p>
        )}
        {mayEdit ? <AddWindow key={windows.length} problem={problem} /> : <div className="h-4" />}
      </Card>
      {past.length > 0 ? (
        <Card flush title="Past maintenance">
          <WindowTable label="Past maintenance" windows={past} mayEdit={false} />
        </Card>
      ) : null}
    </>
  );
}

function WindowTable({ label, windows, mayEdit }: { label: string; windows: readonly Window[]; mayEdit: boolean }) {
  const end: Column<Window> = {
    key: 'end',
    head: 'End',
    headHidden: true,
    align: 'right',
    cell: ({ id, state }) => (
      <Form method="post" action="?">
        <input type="hidden" name="maintenanceId" value={id} />
        <Button name="intent" value="end-maintenance" variant="quiet">
          {state === 'active' ? 'End now' : 'Delete'}
        </Button>
      </Form>
    ),
  };
  return (
    <DataTable
      label={label}
      rows={[...windows]}
      rowKey={({ id }) => id}
      columns={[
        { key: 'state', head: 'State', phone: 'status', cell: ({ state }) => <WindowState state={state} /> },
        {
          key: 'time',
          head: 'Time',
          phone: 'title',
          cell: ({ startsAt, endsAt }) => (
            <>
              <Time at={startsAt} /> – <Time at={endsAt} />
            </>
          ),
        },
        { key: 'scope', head: 'Silences', cell: ({ scope }) => <span data-verbatim>{scope}</span> },
        {
          key: 'reason',
          head: 'Reason',
          cell: ({ reason }) =>
            reason ? (
              <span className="[overflow-wrap:anywhere]" data-verbatim>
                {reason}
              </span>
            ) : null,
        },
        ...(mayEdit ? [end] : []),
      ]}
    />
  );
}

function WindowState({ state }: Pick<Window, 'state'>) {
  if (state === 'active') return <Badge tone="info">Now</Badge>;
  return <StateLabel>{state === 'over' ? 'Over' : 'Planned'}</StateLabel>;
}

function AddWindow({ problem }: { problem: Problem | undefined }) {
  // The field holds a time without a zone. With JavaScript it is the reader's, sent as an exact time too.
  const hydrated = useHydrated();
  const { zone } = useReader();
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
        defaultValue=""
        onInput={(event) => setLocal(event.currentTarget.value)}
        hint={hydrated ? `In your time zone, ${zone}. Leave empty to start now.` : 'Leave empty to start now.'}
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
