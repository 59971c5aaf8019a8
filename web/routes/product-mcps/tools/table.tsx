import { Form } from 'react-router';
import type { ToolRow } from '../../../../services/product-mcp/tools/list.ts';
import { fieldProblem, type Problem } from '../../../shell/problem.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { Button } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { SelectField, TextArea, TextField } from '../../../ui/form/field.tsx';

/** The operations with what people changed of their tools. @param props.edited the one whose form was refused */
export function ToolTable({
  tools,
  mayEdit,
  problem,
  edited,
}: {
  tools: ToolRow[];
  mayEdit: boolean;
  problem: Problem | undefined;
  edited: string;
}) {
  if (tools.length === 0) return <p className="text-muted">No operation has these words.</p>;
  return (
    <Card flush title="Operations">
      <ul className="divide-y divide-line">
        {tools.map((tool) => (
          <li key={tool.operation} className="px-4 py-2">
            <Row tool={tool} mayEdit={mayEdit} problem={edited === tool.operation ? problem : undefined} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Row({ tool, mayEdit, problem }: { tool: ToolRow; mayEdit: boolean; problem: Problem | undefined }) {
  const format = useFormat();
  const { operation, name, summary, isServed, isReadOnly, isDeprecated, tokens, override } = tool;
  const head = (
    <>
      <span className="min-w-0 flex-1 basis-56">
        <code className={`font-medium [overflow-wrap:anywhere] ${isServed ? '' : 'text-muted'}`}>{name}</code>
        <span className="block font-mono text-xs text-muted [overflow-wrap:anywhere]">{operation}</span>
        <span className="block text-muted [overflow-wrap:anywhere]">{summary}</span>
      </span>
      <span className="flex flex-wrap items-center gap-2 text-xs text-muted">
        {isServed ? null : <StateLabel>{override.isHidden ? 'Hidden' : 'Not chosen'}</StateLabel>}
        {isReadOnly ? <StateLabel>Reads</StateLabel> : null}
        {isDeprecated ? <StateLabel>Deprecated</StateLabel> : null}
        <span className="tabular-nums">{format.tokens(tokens)} tokens</span>
      </span>
    </>
  );
  if (!mayEdit) return <div className="flex flex-wrap gap-3 py-1">{head}</div>;
  return (
    <details open={problem !== undefined}>
      <summary className="flex min-h-11 cursor-pointer flex-wrap gap-3 py-1">{head}</summary>
      <EditForm tool={tool} problem={problem} />
    </details>
  );
}

function EditForm({ tool: { operation, name, override }, problem }: { tool: ToolRow; problem: Problem | undefined }) {
  const { annotations } = override;
  const effect = !annotations
    ? ''
    : annotations.readOnlyHint
      ? 'reads'
      : annotations.destructiveHint
        ? 'destroys'
        : 'changes';
  return (
    <Form method="post" preventScrollReset className="max-w-xl space-y-4 py-3">
      <input type="hidden" name="operation" value={operation} />
      <TextField
        label="Name for agents"
        name="name"
        maxLength={48}
        pattern="[A-Za-z0-9_]+"
        autoComplete="off"
        placeholder={name}
        defaultValue={override.name ?? ''}
        problem={fieldProblem(problem, 'name')}
        hint="Empty: as the document says. It stays over new versions."
      />
      <TextArea
        label="Description for agents"
        name="description"
        rows={3}
        defaultValue={override.description ?? ''}
        problem={fieldProblem(problem, 'description')}
        hint="Empty: as the document says."
      />
      <SelectField label="What it does" name="effect" defaultValue={effect}>
        <option value="">As its method says</option>
        <option value="reads">Only reads</option>
        <option value="changes">Changes something</option>
        <option value="destroys">May destroy something</option>
      </SelectField>
      <div className="flex gap-2">
        <Button name="intent" value="edit">
          Save tool
        </Button>
        <Button name="intent" value={override.isHidden ? 'show' : 'hide'} variant="quiet">
          {override.isHidden ? 'Show tool' : 'Hide tool'}
        </Button>
      </div>
    </Form>
  );
}
