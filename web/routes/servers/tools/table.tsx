import type { ListedTool } from '../../../../services/server/reading/tools.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { OutcomeBadge } from '../../../ui/base/badge.tsx';
import { StateLabel, StatusChip } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';

const effects = { read: 'Reads', write: 'Writes', destructive: 'Destructive' } as const;

/** What a tool does by its annotations, plainly: it is no outcome. */
export function EffectLabel({ effect }: { effect: ListedTool['effect'] }) {
  return <StateLabel>{effects[effect]}</StateLabel>;
}

export function ToolTable({ tools, toTool }: { tools: ListedTool[]; toTool: (name: string) => string }) {
  const format = useFormat();
  return (
    <DataTable
      label="Tools"
      rows={tools}
      rowKey={({ name }) => name}
      to={({ name }) => toTool(name)}
      opensInPlace
      columns={[
        {
          key: 'name',
          head: 'Tool',
          phone: 'title',
          sortable: true,
          cell: (tool) => (
            <>
              <code className="font-mono text-code">{tool.name}</code>
              <Notes tool={tool} />
              <span className="line-clamp-1 font-normal text-muted" data-verbatim>
                {tool.description}
              </span>
            </>
          ),
        },
        { key: 'effect', head: 'Effect', wide: true, cell: ({ effect }) => <EffectLabel effect={effect} /> },
        {
          key: 'covered',
          head: 'Workflows',
          wide: true,
          cell: ({ isCovered }) =>
            isCovered === null ? null : isCovered ? (
              'Covered'
            ) : (
              <span className="whitespace-nowrap text-muted">Not covered</span>
            ),
        },
        {
          key: 'monitors',
          head: 'Monitors',
          sortable: true,
          cell: ({ monitors }) => (monitors.count === 0 ? null : <Monitors {...monitors} />),
        },
        {
          key: 'calls',
          head: 'Calls, 7 d',
          align: 'right',
          unit: 'calls in 7 days',
          sortable: true,
          cell: ({ calls }) => (calls === 0 ? null : format.number(calls)),
        },
        {
          key: 'errors',
          head: 'Errors',
          align: 'right',
          unit: 'errors',
          sortable: true,
          cell: ({ calls, failedCalls }) =>
            calls === 0 ? null : <Figure>{format.percent(failedCalls / calls)}</Figure>,
        },
        {
          key: 'p95',
          head: 'p95',
          align: 'right',
          unit: 'p95',
          sortable: true,
          cell: ({ p95 }) => (p95 === null ? null : <Figure>{format.duration(p95)}</Figure>),
        },
        {
          key: 'changed',
          head: 'Changed',
          align: 'right',
          sortable: true,
          cell: ({ changedAt }) => (changedAt ? <Time at={changedAt} relative /> : null),
        },
      ]}
    />
  );
}

const Figure = ({ children }: { children: string }) => <span className="whitespace-nowrap">{children}</span>;

function Notes({ tool: { isActive, isTaskOnly, warningCount } }: { tool: ListedTool }) {
  const format = useFormat();
  const notes = [
    isActive ? null : <StateLabel key="removed">Removed</StateLabel>,
    isTaskOnly ? <StateLabel key="tasks">Tasks only</StateLabel> : null,
    warningCount > 0 ? (
      <StatusChip key="warnings" status="partial">
        {format.count(warningCount, 'warning')}
      </StatusChip>
    ) : null,
  ].filter((note) => note !== null);
  return notes.length > 0 ? <span className="ml-2 inline-flex flex-wrap gap-1 align-middle">{notes}</span> : null;
}

function Monitors({ count, paused, worst }: ListedTool['monitors']) {
  const format = useFormat();
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2">
      {worst ? <OutcomeBadge outcome={worst} /> : null}
      <span className="text-muted">
        {format.count(count, 'monitor')}
        {paused > 0 ? `, ${format.number(paused)} paused` : ''}
      </span>
    </span>
  );
}
