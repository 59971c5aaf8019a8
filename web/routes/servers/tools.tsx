import { Form } from 'react-router';
import type { MonitoredTool } from '../../../services/server/reading/get.ts';
import { Badge, OutcomeBadge } from '../../ui/base/badge.tsx';
import { Button, LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { Code, DisclosureIcon, RawText } from '../../ui/base/text.tsx';
import { Time } from '../../ui/base/time.tsx';
import { inputClass } from '../../ui/form/field.tsx';
import { Sentences } from './probe/catalog-report.tsx';

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
  active,
  more,
}: {
  /** Of this page. */
  tools: MonitoredTool[];
  mayEdit: boolean;
  server: string;
  /** Path of the list of monitors. */
  monitorsOf: string;
  /** Address of the wizard for this server; null if the member may not add monitors. */
  addTo: string | null;
  /** Number of active tools on all pages. */
  active: number;
  /** Links to the other pages of tools; null if there are none. */
  more: { older: string | null; newer: string | null };
}) {
  return (
    <Card flush id="tools" title={`Tools (${active})`}>
      {tools.length === 0 ? <p className="p-4 text-muted">No tools yet. Sync the catalog.</p> : null}
      <ul className="divide-y divide-line">
        {tools.map((tool) => (
          <li key={tool.name}>
            <details className="group">
              <summary className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3 hover:bg-sunken/60">
                <DisclosureIcon />
                <span className="min-w-0">
                  <Code>{tool.name}</Code>
                </span>
                <span className="min-w-0 flex-1 truncate text-muted group-open:whitespace-normal">
                  {tool.description}
                </span>
                {tool.active ? null : <Badge>Removed</Badge>}
                {tool.monitors.count > 0 ? <Monitored {...tool.monitors} /> : null}
                {tool.taskSupport === 'required' ? <Badge tone="partial">Tasks only</Badge> : null}
                {tool.warnings.length > 0 ? (
                  <Badge tone="partial">
                    {tool.warnings.length === 1 ? '1 warning' : `${tool.warnings.length} warnings`}
                  </Badge>
                ) : null}
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
                {tool.warnings.length > 0 ? <Sentences of={tool.warnings} /> : null}
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
      {more.older || more.newer ? (
        <nav aria-label="Pages of tools" className="flex justify-between gap-2 border-line border-t p-4">
          {more.newer ? <LinkButton to={more.newer}>Previous tools</LinkButton> : <span />}
          {more.older ? <LinkButton to={more.older}>More tools</LinkButton> : null}
        </nav>
      ) : null}
    </Card>
  );
}

function Monitored({ count, paused, worst }: MonitoredTool['monitors']) {
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
