import { z } from 'zod';
import { Badge } from './badge.tsx';
import { duration, Time } from './time.tsx';
import { Card, Code, cellClass, Table } from './ui.tsx';

type Change = {
  id: string;
  tool: string;
  kind: string;
  breaking: boolean;
  diff: unknown;
  source: string;
  seenAt: string;
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

const fieldsOf = z.object({
  fields: z.array(
    z.object({
      path: z.string(),
      change: z.string(),
      breaking: z.boolean(),
      before: z.unknown().optional(),
      after: z.unknown().optional(),
    }),
  ),
});
const textsOf = z.object({ before: z.string().nullable(), after: z.string().nullable() });

export function ToolChanges({ changes }: { changes: Change[] }) {
  return (
    <Card flush title="Tool changes">
      {changes.length === 0 ? (
        <p className="p-4 text-muted">No change has been seen since the server was connected.</p>
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
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Difference({ diff }: { diff: unknown }) {
  const schema = fieldsOf.safeParse(diff);
  if (schema.success)
    return (
      <ul className="mt-1 list-disc pl-5 text-muted">
        {schema.data.fields.map(({ path, change, breaking, before, after }) => (
          <li key={`${path} ${change}`}>
            <Code>{path || '(whole schema)'}</Code> {change.replaceAll('_', ' ')}
            {before !== undefined || after !== undefined ? `: ${shown(before)} → ${shown(after)}` : ''}
            {breaking ? <span className="text-fail"> (breaking)</span> : null}
          </li>
        ))}
      </ul>
    );
  const texts = textsOf.safeParse(diff);
  if (!texts.success) return null;
  return (
    <div className="mt-1 text-muted">
      <p className="break-words">
        <del>{texts.data.before ?? '(none)'}</del>
      </p>
      <p className="break-words">
        <ins className="text-ink no-underline">{texts.data.after ?? '(none)'}</ins>
      </p>
    </div>
  );
}

const shown = (value: unknown) =>
  value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);

const errorOf = z.object({ message: z.string() });

export function Probes({ probes }: { probes: Probe[] }) {
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
                {ok ? null : (
                  <p className="mt-1 max-w-lg break-words text-muted">{errorOf.safeParse(error).data?.message}</p>
                )}
              </td>
              <td className={`${cellClass} tabular-nums`}>{duration(latencyMs)}</td>
              <td className={`${cellClass} tabular-nums`}>{toolCount ?? '–'}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  );
}
