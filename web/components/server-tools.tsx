import { Form } from '@remix-run/react';
import { Badge } from './badge.tsx';
import { Time } from './time.tsx';
import { Button, Card, Code, inputClass, Opens, Verbatim } from './ui.tsx';

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
};

const json = (value: unknown) => JSON.stringify(value, null, 2);
const hint = (annotations: unknown, name: string) =>
  typeof annotations === 'object' &&
  annotations !== null &&
  Object.entries(annotations).some(([key, value]) => key === name && value === true);

/** The catalog. Names, descriptions and schemas are the server's own words. */
export function Tools({ tools, mayEdit }: { tools: Tool[]; mayEdit: boolean }) {
  const active = tools.filter((tool) => tool.active).length;
  return (
    <Card flush title={`Tools (${active})`}>
      {tools.length === 0 ? <p className="p-4 text-muted">No tools are known yet. Sync the catalog.</p> : null}
      <ul className="divide-y divide-line">
        {tools.map((tool) => (
          <li key={tool.name}>
            <details className="group">
              <summary className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3 hover:bg-sunken/60">
                <Opens />
                <Code>{tool.name}</Code>
                <span className="min-w-0 flex-1 truncate text-muted group-open:whitespace-normal">
                  {tool.description}
                </span>
                {tool.active ? null : <Badge>Removed</Badge>}
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
                <p className="text-xs font-medium text-muted">Input schema</p>
                <Verbatim label={`Input schema of ${tool.name}`}>{json(tool.inputSchema)}</Verbatim>
                {tool.outputSchema ? (
                  <>
                    <p className="text-xs font-medium text-muted">Output schema</p>
                    <Verbatim label={`Output schema of ${tool.name}`}>{json(tool.outputSchema)}</Verbatim>
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
