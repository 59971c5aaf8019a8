import { Form, useNavigation } from 'react-router';
import type { ChangeImpact } from '../../../../domain/catalog/impact.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { Button, TextLink } from '../../../ui/base/button.tsx';
import { StateLabel, StatusChip } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { Difference } from './difference.tsx';
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

const kinds: { [kind: string]: string } = {
  added: 'Added',
  removed: 'Removed',
  title_changed: 'Title changed',
  description_changed: 'Description changed',
  input_schema_changed: 'Input schema changed',
  output_schema_changed: 'Output schema changed',
  annotations_changed: 'Annotations changed',
};
const changeLabel = (kind: string): string => kinds[kind] ?? kind;

/** Tool changes by day, newest first: what differs, what uses the tool, and whether somebody has accepted it. */
export function Timeline({
  changes,
  open,
  base,
  url,
  mayAccept,
}: {
  changes: Change[];
  /** Incidents of breaking changes that aren't accepted. */
  open: { id: string; tool: string }[];
  base: string;
  /** Of the server. */
  url: string;
  mayAccept: boolean;
}) {
  const format = useFormat();
  const days = Map.groupBy(changes, ({ seenAt }) => format.day(seenAt));
  // An incident is of a tool: its button stands at the tool's newest breaking change.
  const newest = new Map<string, string>();
  for (const { id, tool, breaking } of changes) if (breaking && !newest.has(tool)) newest.set(tool, id);
  return (
    <div className="space-y-6">
      {[...days].map(([day, list]) => (
        <section key={day} aria-label={`Changes on ${day}`}>
          <h2 className="mb-2 text-xs font-medium text-muted">{day}</h2>
          <ol className="divide-y divide-line rounded-lg border border-line bg-surface">
            {list.map((change) => (
              <Entry
                key={change.id}
                change={change}
                incidentId={
                  newest.get(change.tool) === change.id
                    ? (open.find(({ tool }) => tool === change.tool)?.id ?? null)
                    : null
                }
                base={base}
                url={url}
                mayAccept={mayAccept}
              />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function Entry({
  change: { tool, kind, breaking, diff, source, seenAt, affected },
  incidentId,
  base,
  url,
  mayAccept,
}: {
  change: Change;
  incidentId: string | null;
  base: string;
  url: string;
  mayAccept: boolean;
}) {
  const busy = useNavigation().state !== 'idle';
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        {breaking ? <StatusChip status="fail">Breaking</StatusChip> : null}
        <TextLink
          to={`${url}/tools?${new URLSearchParams({ tool })}`}
          className="min-w-0 font-mono text-code [overflow-wrap:anywhere]"
        >
          <code>{tool}</code>
        </TextLink>
        <span>{changeLabel(kind)}</span>
        {incidentId ? <StateLabel>Open</StateLabel> : null}
        <span className="ml-auto text-xs text-muted">
          found by {source === 'sync' ? 'a sync' : 'a probe'} · <Time at={seenAt} />
        </span>
      </div>
      <Difference diff={diff} />
      <Affected of={affected} base={base} />
      {incidentId ? (
        <div className="mt-3 flex flex-wrap items-center gap-3">
          {mayAccept ? (
            <Form method="post">
              <input type="hidden" name="incidentId" value={incidentId} />
              <Button disabled={busy} aria-label={`Accept the change of ${tool}`}>
                Accept
              </Button>
            </Form>
          ) : null}
          <TextLink to={`${base}/incidents/${incidentId}`}>Open incident</TextLink>
        </div>
      ) : null}
    </li>
  );
}

const because = { prompt: 'its prompt names it', criteria: 'a criterion names it', runs: 'its latest runs call it' };

/** The workflows and monitors that use the tool now. */
function Affected({ of: { workflows, monitors, policies }, base }: { of: ChangeImpact; base: string }) {
  if (workflows.length + monitors.length + policies.length === 0) return null;
  return (
    <div className="mt-2 text-table text-muted">
      <p className="text-xs font-medium">Used by</p>
      <ul className="list-disc pl-5 [overflow-wrap:anywhere]">
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
            Tool policy of <TextLink to={`${base}/workflows/${workflowId}`}>{name}</TextLink>: the tool is{' '}
            {list === 'allowed' ? 'allowed' : 'blocked'}
          </li>
        ))}
      </ul>
    </div>
  );
}
