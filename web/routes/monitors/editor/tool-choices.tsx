import { Form } from 'react-router';
import { Button } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { Code } from '../../../ui/base/text.tsx';
import { Link } from '../../../ui/page/link.tsx';

export type ToolChoice = {
  name: string;
  title: string | null;
  description: string;
  preselected: boolean;
  why: string;
  annotations: { readOnly: boolean; destructive: boolean };
  monitors: { id: string; name: string }[];
};

/** The first step: choose tools. A GET form that leads to the next step. */
export function ToolChoices({ serverId, tools, base }: { serverId: string; tools: ToolChoice[]; base: string }) {
  return (
    <Form method="get" action={`${base}/monitors/new`} className="space-y-4">
      <input type="hidden" name="server" value={serverId} />
      <input type="hidden" name="step" value="arguments" />
      <Card flush title="Which tools?">
        <ul className="divide-y divide-line">
          {tools.map((tool) => (
            <li key={tool.name}>
              <label className="flex items-start gap-3 px-4 py-3 hover:bg-sunken/60">
                <input
                  type="checkbox"
                  name="tool"
                  value={tool.name}
                  defaultChecked={tool.preselected}
                  className="mt-1 size-4"
                />
                <span className="min-w-0 flex-1">
                  <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                    <span className="min-w-0">
                      <Code>{tool.name}</Code>
                    </span>
                    {tool.title ? <span className="font-medium">{tool.title}</span> : null}
                    {tool.annotations.destructive ? (
                      <StateLabel>Destructive</StateLabel>
                    ) : tool.annotations.readOnly ? null : (
                      <StateLabel>Writes</StateLabel>
                    )}
                    {tool.monitors.length > 0 ? <StateLabel>Monitored</StateLabel> : null}
                  </span>
                  <span className="mt-0.5 line-clamp-2 block text-muted">{tool.description}</span>
                  <span className="mt-0.5 block text-xs text-muted">{tool.why}</span>
                </span>
              </label>
              {tool.monitors.length > 0 ? (
                <p className="-mt-2 flex flex-wrap gap-x-3 pr-4 pb-3 pl-11 text-xs text-muted">
                  {tool.monitors.map(({ id, name }) => (
                    <Link key={id} to={`${base}/monitors/${id}`} className="underline hover:text-ink">
                      {name}
                    </Link>
                  ))}
                </p>
              ) : null}
            </li>
          ))}
        </ul>
      </Card>
      <Button variant="primary">Continue</Button>
    </Form>
  );
}
