import { Form, useNavigation } from 'react-router';
import { kept } from '../../../shell/form.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { OutcomeBadge } from '../../../ui/base/badge.tsx';
import { Button } from '../../../ui/base/button.tsx';
import { CodeBlock } from '../../../ui/base/code-block.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { SelectField } from '../../../ui/form/field.tsx';
import { ArgumentsEditor } from '../../monitors/editor/schema-form.tsx';
import { noErrors } from '../../monitors/editor/values.ts';
import type { ShownTool, ToolAnswer } from './page.tsx';

/** A test call of a tool, with its result. A module of its own, since it is loaded when somebody opens it. */
export default function TryIt({ tool, answer }: { tool: ShownTool; answer: ToolAnswer }) {
  const format = useFormat();
  const { state, formData } = useNavigation();
  const isCalling = state !== 'idle' && formData?.get('intent') === 'call';
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const values = answer && 'values' in answer ? answer.values : undefined;
  const result = answer && 'result' in answer && answer.tool === tool.name ? answer.result : null;
  return (
    <>
      <Form method="post" className="mt-3 space-y-4">
        <input type="hidden" name="tool" value={tool.name} />
        {tool.authProfiles.length > 1 ? (
          <SelectField label="As" name="authProfileId" defaultValue={kept(values, 'authProfileId')}>
            {tool.authProfiles.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
        ) : null}
        <ErrorSummary problem={problem} />
        <ArgumentsEditor
          of={{ ...tool.arguments, key: 'm0' }}
          schema={tool.inputSchema}
          label={tool.name}
          problems={problem?.fieldErrors ?? noErrors}
        />
        <Button name="intent" value="call" disabled={isCalling}>
          {isCalling ? 'Calling …' : 'Call tool'}
        </Button>
      </Form>
      {result ? (
        <div role="status" className="mt-4 space-y-2">
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <OutcomeBadge outcome={result.outcome} />
            {result.latencyMs === null ? null : (
              <span className="tabular-nums">{format.duration(result.latencyMs)}</span>
            )}
            {result.problem ? <span>{result.problem}</span> : null}
            <span className="text-table text-muted">The result is not stored.</span>
          </p>
          {result.degradedBy.map((why) => (
            <p key={why} className="text-partial" data-verbatim>
              {why}
            </p>
          ))}
          {result.excerpt ? <CodeBlock label={`Answer of ${tool.name}`}>{result.excerpt}</CodeBlock> : null}
        </div>
      ) : null}
    </>
  );
}
