import { Form } from 'react-router';
import type { CheckOutcome } from '../../../domain/monitor/monitor.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, TextLink } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { inputClass } from '../../ui/field.tsx';
import { Code, DisclosureIcon, RawText } from '../../ui/text.tsx';
import { Time } from '../../ui/time.tsx';
import { OutcomeBadge } from '../monitors/badge.tsx';

type Tool = {
  name: string;
  title: string | null;
  description: string;
  inputSchema: unknown;
  outputSchema: unknown;
  annotations: unknown;
  repeatability: string | null;
  active: boolean;
  firstSeenAt: string;
  removedAt: string | null;
  monitors: { count: number; paused: number; worst: CheckOutcome | null };
};

const json = (value: unknown) => JSON.stringify(value, null, 2);
const hint = (annotations: unknown, name: string) =>
  typeof annotations === 'object' &&
  annotations !== null &&
  Object.entries(annotations).some(([key, value]) => key === name && value === true);

/** The catalog. Names, descriptions and schemas are text from the server. */
export function Tools({
  tools,
  mayEdit,
  server,
  monitorsOf,
  addTo,
}: {
  tools: Tool[];
  mayEdit: boolean;
  server: string;
  /** Path of the list of monitors. */
  monitorsOf: string;
  /** Address of the wizard for this server; null if the member may not add monitors. */
  addTo: string | null;
}) {
  const active = tools.filter((tool) => tool.active).length;
  return (
    <Card flush title={`Tools (${active})`}>
      {tools.length === 0 ? <p className="p-4 text-muted">No tools yet. Sync the catalog.</p> : null}
      <ul className="divide-y divide-line">
        {tools.map((tool) => (
          <li key={tool.name}>
            <details className="group">
              <summary className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3 hover:bg-sunken/60">
                <DisclosureIcon />
                <Code>{tool.name}</Code>
                <span className="min-w-0 flex-1 truncate text-muted group-open:whitespace-normal">
                  {tool.description}
                </span>
                {tool.active ? null : <Badge>Removed</Badge>}
                {tool.monitors.count > 0 ? <Monitored {...tool.monitors} /> : null}
                {hint(tool.annotations, 'readOnlyHint') ? <Badge tone="info">Read only</Badge> : null}
                {hint(tool.annotations, 'destructiveHint') ? <Badge tone="partial">Destructive</Badge> : null}
              </summary>
              <div className="space-y-3 px-4 pb-4">
                <p className="text-muted">
                  {tool.title ? `${tool.title} · ` : ''}first seen <Time at={tool.firstSeenAt} />
                  {tool.removedAt ? (
                    <>
                      , removed <Time at={tool.removedAt} />
                    </>
                  ) : null}
                </p>
                <p className="flex flex-wrap gap-x-4">
                  {tool.monitors.count > 0 ? (
                    <TextLink to={`${monitorsOf}?${new URLSearchParams({ server, search: tool.name })}`}>
                      {tool.monitors.count === 1 ? 'Its monitor' : `Its ${tool.monitors.count} monitors`}
                    </TextLink>
                  ) : null}
                  {addTo && tool.active ? (
                    <TextLink
                      to={`${addTo}&${new URLSearchParams({ tool: tool.name })}`}
                      aria-label={`Add a monitor of ${tool.name}`}
                    >
                      Add a monitor
                    </TextLink>
                  ) : null}
                </p>
                <p className="text-xs font-medium text-muted">Input schema</p>
                <RawText label={`Input schema of ${tool.name}`}>{json(tool.inputSchema)}</RawText>
                {tool.outputSchema ? (
                  <>
                    <p className="text-xs font-medium text-muted">Output schema</p>
                    <RawText label={`Output schema of ${tool.name}`}>{json(tool.outputSchema)}</RawText>
                  </>
                ) : null}
                {mayEdit ? (
                  <Form method="post" className="flex flex-wrap items-end gap-2">
                    <input type="hidden" name="tool" value={tool.name} />
                    <label className="block">
                      <span className="mb-1 block text-xs font-medium text-muted">Repeating a call after a crash</span>
                      <select name="repeatability" defaultValue={tool.repeatability ?? ''} className={inputClass}>
                        <option value="">As the server says</option>
                        <option value="read_only">Safe: it only reads</option>
                        <option value="idempotent">Safe: repeating has no further effect</option>
                        <option value="not_idempotent">Never repeat</option>
                      </select>
                    </label>
                    <Button name="intent" value="repeatability">
                      Save
                    </Button>
                  </Form>
                ) : null}
              </div>
            </details>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Monitored({ count, paused, worst }: Tool['monitors']) {
  return (
    <span className="flex items-center gap-1.5">
      <span className="text-xs text-muted">
        {count === 1 ? '1 monitor' : `${count} monitors`}
        {paused > 0 ? `, ${paused} paused` : ''}
      </span>
      {worst ? <OutcomeBadge outcome={worst} /> : null}
    </span>
  );
}
