import type { ChangeImpact } from '../../../domain/catalog/impact.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { Badge } from '../../ui/base/badge.tsx';
import { LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { Code } from '../../ui/base/text.tsx';
import { Time } from '../../ui/base/time.tsx';
import { cellClass, Table } from '../../ui/data/table.tsx';
import type { ToolDiff } from './tool-diff.server.ts';

type Change = {
  id: string;
  tool: string;
  kind: string;
  breaking: boolean;
  diff: ToolDiff;
  source: string;
  seenAt: string;
  affected: ChangeImpact;
};
type Probe = {
  id: string;
  at: string;
  kind: string;
  ok: boolean;
  latencyMs: number;
  toolCount: number | null;
  error: unknown;
};

const kinds: { [kind: string]: string } = {
  added: 'added',
  removed: 'removed',
  title_changed: 'title changed',
  description_changed: 'description changed',
  input_schema_changed: 'input schema changed',
  output_schema_changed: 'output schema changed',
  annotations_changed: 'annotations changed',
};

/** The history of the catalog: removed lines in red, added lines in green, and the affected workflows and monitors. */
export function ToolChanges({
  changes,
  base,
  openTools,
  more,
}: {
  changes: Change[];
  base: string;
  /** Incidents of breaking changes that aren't accepted, by tool. */
  openTools: { [tool: string]: string };
  /** Links to older and the newest changes; null if there are none. */
  more: { older: string | null; newest: string | null };
}) {
  const open = Object.keys(openTools).length;
  return (
    <Card
      flush
      id="changes"
      title="Tool changes"
      aside={
        open > 0 ? (
          <Badge tone="fail">{open === 1 ? '1 open breaking change' : `${open} open breaking changes`}</Badge>
        ) : null
      }
    >
      {changes.length === 0 ? (
        <p className="p-4 text-muted">
          {more.newest ? 'No older changes.' : 'No changes since the server was connected.'}
        </p>
      ) : null}
      <ul className="divide-y divide-line">
        {changes.map((change) => (
          <li key={change.id} className="px-4 py-3">
            <div className="flex flex-wrap items-baseline gap-2">
              <Code>{change.tool}</Code>
              <span>{kinds[change.kind] ?? change.kind}</span>
              {change.breaking ? <Badge tone="fail">Breaking</Badge> : null}
              <span className="ml-auto text-muted">
                <Time at={change.seenAt} /> by {change.source}
              </span>
            </div>
            <Difference diff={change.diff} />
            <Affected of={change.affected} base={base} />
            {change.breaking && openTools[change.tool] ? (
              <p className="mt-1">
                <TextLink to={`${base}/incidents/${openTools[change.tool]}`}>Review or accept</TextLink>
              </p>
            ) : null}
          </li>
        ))}
      </ul>
      {more.older || more.newest ? (
        <nav aria-label="Pages of tool changes" className="flex justify-between gap-2 border-line border-t p-4">
          {more.newest ? <LinkButton to={more.newest}>Newest changes</LinkButton> : <span />}
          {more.older ? <LinkButton to={more.older}>Older changes</LinkButton> : null}
        </nav>
      ) : null}
    </Card>
  );
}

function Difference({ diff }: { diff: ToolDiff }) {
  if (diff === null) return null;
  if ('fields' in diff)
    return (
      <ul className="mt-2 space-y-2">
        {diff.fields.map(({ path, change, breaking, before, after }) => (
          <li key={`${path} ${change}`}>
            <p className="flex flex-wrap items-baseline gap-x-2">
              <Code>{path || 'schema'}</Code>
              <span className={breaking ? 'text-fail' : 'text-muted'}>
                {change.replaceAll('_', ' ')}
                {breaking ? ', breaking' : ''}
              </span>
            </p>
            {before !== undefined || after !== undefined ? <Lines before={shown(before)} after={shown(after)} /> : null}
          </li>
        ))}
      </ul>
    );
  return <Lines before={diff.before} after={diff.after} />;
}

/** Null if the value is missing. */
function Lines({ before, after }: { before: string | null; after: string | null }) {
  const line = 'block rounded-sm px-2 py-0.5 whitespace-pre-wrap [overflow-wrap:anywhere] no-underline';
  return (
    <div className="mt-1 space-y-0.5 font-mono text-xs">
      {before === null ? null : (
        <del className={`${line} bg-fail-soft text-fail`}>
          <span aria-hidden="true">− </span>
          {before}
        </del>
      )}
      {after === null ? null : (
        <ins className={`${line} bg-pass-soft text-pass`}>
          <span aria-hidden="true">+ </span>
          {after}
        </ins>
      )}
    </div>
  );
}

const because = { prompt: 'its prompt names it', criteria: 'a criterion names it', runs: 'its latest runs call it' };

/** The workflows and monitors that a change affects now. */
function Affected({ of: { workflows, monitors, policies }, base }: { of: ChangeImpact; base: string }) {
  if (workflows.length + monitors.length + policies.length === 0) return null;
  return (
    <div className="mt-2 text-muted">
      <p className="text-xs font-medium">Concerns</p>
      <ul className="list-disc pl-5">
        {workflows.map(({ id, name, because: reasons }) => (
          <li key={`workflow ${id}`}>
            Workflow <TextLink to={`${base}/workflows/${id}`}>{name}</TextLink>:{' '}
            {reasons.map((reason) => because[reason]).join(', ')}
          </li>
        ))}
        {monitors.map(({ id, name }) => (
          <li key={`monitor ${id}`}>
            Monitor <TextLink to={`${base}/monitors/${id}`}>{name}</TextLink>
          </li>
        ))}
        {policies.map(({ workflowId, name, list }) => (
          <li key={`policy ${workflowId} ${list}`}>
            Tool policy of <TextLink to={`${base}/workflows/${workflowId}`}>{name}</TextLink>: it is among the {list}{' '}
            tools
          </li>
        ))}
      </ul>
    </div>
  );
}

const shown = (value: unknown): string | null =>
  value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);

const messageOf = (error: unknown): string | null =>
  typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
    ? error.message
    : null;

export function Probes({ probes }: { probes: Probe[] }) {
  const format = useFormat();
  return (
    <Card flush title="Probes and syncs">
      {probes.length === 0 ? (
        <p className="p-4 text-muted">None yet.</p>
      ) : (
        <Table label="Probes and syncs" head={['When', 'Kind', 'Outcome', 'Latency', 'Tools']}>
          {probes.map(({ id, at, kind, ok, latencyMs, toolCount, error }) => (
            <tr key={id}>
              <td className={cellClass}>
                <Time at={at} />
              </td>
              <td className={cellClass}>{kind}</td>
              <td className={cellClass}>
                {ok ? <Badge tone="pass">Answered</Badge> : <Badge tone="fail">Failed</Badge>}
                {ok ? null : <p className="mt-1 max-w-lg text-muted">{messageOf(error)}</p>}
              </td>
              <td className={`${cellClass} tabular-nums`}>{format.duration(latencyMs)}</td>
              <td className={`${cellClass} tabular-nums`}>{toolCount ?? '–'}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}
