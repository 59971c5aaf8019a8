import { lazy, type ReactNode, Suspense, useState } from 'react';
import { Form, useNavigation } from 'react-router';
import { Button, TextLink } from '../../../ui/base/button.tsx';
import { CodeBlock } from '../../../ui/base/code-block.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { DisclosureIcon } from '../../../ui/base/text.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { SelectField } from '../../../ui/form/field.tsx';
import { Drawer } from '../../../ui/overlay/drawer.tsx';
import type { ServerContext } from '../server/page.tsx';
import type { ShownTool, ToolAnswer } from './page.tsx';
import { Parameters } from './parameters.tsx';
import { EffectLabel } from './table.tsx';

const TryIt = lazy(() => import('./try-it.tsx'));

/** One tool: what it takes, a test call, what tests it, and how it has changed. Its texts are the server's. */
export function ToolDrawer({
  tool,
  answer,
  at: { found, base, url },
  closeTo,
}: {
  tool: ShownTool;
  answer: ToolAnswer;
  at: ServerContext;
  closeTo: string;
}) {
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const isOfCall = problem?.fieldErrors.some(({ field }) => field.startsWith('m0.')) ?? false;
  return (
    <Drawer
      closeTo={closeTo}
      title={<code className="font-mono">{tool.name}</code>}
      status={
        <>
          <EffectLabel effect={tool.effect} />
          {tool.active ? null : <StateLabel>Removed</StateLabel>}
          {tool.taskSupport === 'required' ? <StateLabel>Tasks only</StateLabel> : null}
        </>
      }
    >
      {problem && !isOfCall ? <ErrorSummary problem={problem} /> : null}
      <div className="space-y-2">
        {tool.title ? (
          <p className="font-medium [overflow-wrap:anywhere]" data-verbatim>
            {tool.title}
          </p>
        ) : null}
        <p className="whitespace-pre-line [overflow-wrap:anywhere]" data-verbatim>
          {tool.description || 'It has no description.'}
        </p>
        <p className="text-xs text-muted">
          First seen <Time at={tool.firstSeenAt} />
          {tool.removedAt ? (
            <>
              {' '}
              · removed <Time at={tool.removedAt} />
            </>
          ) : null}
        </p>
      </div>
      {tool.warnings.length > 0 ? (
        <Notice tone="warning" title="Strict clients may refuse it">
          <ul className="list-disc pl-5 text-ink [overflow-wrap:anywhere]" data-verbatim>
            {tool.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Notice>
      ) : null}
      <Section title="Parameters">
        <Parameters parameters={tool.parameters} isComplete={tool.isComplete} />
        <Schema title="Input schema" schema={tool.inputSchema} tool={tool.name} />
        {tool.outputSchema ? <Schema title="Output schema" schema={tool.outputSchema} tool={tool.name} /> : null}
      </Section>
      {found.mayTest && tool.active ? <Try tool={tool} answer={answer} /> : null}
      <Section title="Tested by">
        <Tests tool={tool} base={base} serverId={found.server.id} mayTest={found.mayTest && tool.active} />
      </Section>
      <Section title="Changes" aside={<TextLink to={`${url}/changes`}>All changes</TextLink>}>
        <Changes changes={tool.changes} />
      </Section>
      {found.mayConfigure ? <Repeatability tool={tool} answer={answer} /> : null}
    </Drawer>
  );
}

function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className="space-y-3">
      <div className="flex items-baseline justify-between gap-3">
        <h3 className="font-semibold text-sm">{title}</h3>
        <span className="text-table">{aside}</span>
      </div>
      {children}
    </section>
  );
}

function Try({ tool, answer }: { tool: ShownTool; answer: ToolAnswer }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)} className="with-scripts">
      <summary className="flex min-h-11 items-center gap-2 rounded-md border border-line px-3 font-semibold text-sm hover:bg-sunken md:min-h-9">
        <DisclosureIcon /> Try it
        {tool.effect === 'read' ? null : (
          <span className="font-normal text-muted">· the call is real and may change data</span>
        )}
      </summary>
      {isOpen ? (
        <Suspense fallback={<p className="mt-3 text-muted">Loading …</p>}>
          <TryIt tool={tool} answer={answer} />
        </Suspense>
      ) : null}
    </details>
  );
}

function Schema({ title, schema, tool }: { title: string; schema: unknown; tool: string }) {
  return (
    <details>
      <summary className="flex min-h-11 w-fit items-center gap-1 text-table text-muted hover:text-ink md:min-h-6">
        <DisclosureIcon /> {title}
      </summary>
      <div className="mt-2">
        <CodeBlock label={`${title} of ${tool}`}>{JSON.stringify(schema, null, 2)}</CodeBlock>
      </div>
    </details>
  );
}

function Tests({
  tool,
  base,
  serverId,
  mayTest,
}: {
  tool: ShownTool;
  base: string;
  serverId: string;
  mayTest: boolean;
}) {
  const query = new URLSearchParams({ server: serverId, tool: tool.name });
  return (
    <>
      {tool.monitors.length === 0 ? (
        <p className="text-table text-muted">No monitor calls it.</p>
      ) : (
        <ul className="space-y-1 text-table">
          {tool.monitors.map(({ id, name, state }) => (
            <li key={id} className="flex flex-wrap items-center gap-2">
              <TextLink to={`${base}/monitors/${id}`} className="min-w-0 [overflow-wrap:anywhere]">
                {name}
              </TextLink>
              {state === 'paused' ? <StateLabel>Paused</StateLabel> : null}
            </li>
          ))}
        </ul>
      )}
      {mayTest ? (
        <p className="flex flex-wrap gap-x-4 gap-y-1 text-table">
          <TextLink to={`${base}/monitors/new?${query}`}>Add a monitor</TextLink>
          <TextLink to={`${base}/workflows/new?${query}`}>Draft a workflow</TextLink>
        </p>
      ) : null}
    </>
  );
}

function Changes({ changes }: { changes: ShownTool['changes'] }) {
  if (changes.length === 0) return <p className="text-table text-muted">It has not changed since it was first seen.</p>;
  return (
    <ol className="space-y-3 text-table">
      {changes.map(({ id, words, breaking, seenAt }) => (
        <li key={id}>
          <p className="flex flex-wrap items-baseline gap-x-2 text-muted">
            <Time at={seenAt} />
            {breaking ? <span className="text-fail">breaking</span> : null}
          </p>
          <ul className="[overflow-wrap:anywhere]" data-verbatim>
            {words.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

function Repeatability({ tool, answer }: { tool: ShownTool; answer: ToolAnswer }) {
  const busy = useNavigation().state !== 'idle';
  return (
    <Section title="After a crash">
      <Form method="post" className="flex flex-wrap items-end gap-2">
        <input type="hidden" name="tool" value={tool.name} />
        <div className="min-w-56 flex-1">
          <SelectField
            label="A call whose outcome is unknown"
            name="repeatability"
            defaultValue={tool.repeatability ?? ''}
          >
            <option value="">Is repeated if the server says that it may be</option>
            <option value="read_only">May be repeated: the tool only reads</option>
            <option value="idempotent">May be repeated: a second call has no further effect</option>
            <option value="not_idempotent">Is never repeated</option>
          </SelectField>
        </div>
        <Button name="intent" value="repeatability" disabled={busy}>
          Save
        </Button>
        {answer && 'saved' in answer ? <p role="status">Saved.</p> : null}
      </Form>
    </Section>
  );
}
