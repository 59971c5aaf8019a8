import { Code } from '../../../ui/base/text.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';
import type { Parameter } from './parameters.server.ts';

/** What a tool takes, by its input schema. */
export function Parameters({ parameters, isComplete }: { parameters: Parameter[]; isComplete: boolean }) {
  if (parameters.length === 0)
    return (
      <p className="text-table text-muted">
        {isComplete ? 'It takes no parameters.' : 'Its parameters can only be read in the input schema.'}
      </p>
    );
  return (
    <>
      <div className="rounded-lg border border-line">
        <DataTable
          label="Parameters"
          compact
          rows={parameters}
          rowKey={({ name }) => name}
          columns={[
            {
              key: 'name',
              head: 'Parameter',
              phone: 'title',
              cell: ({ name, isRequired }) => (
                <>
                  <code className="font-mono text-code">{name}</code>
                  {isRequired ? <span className="ml-2 text-xs text-muted">required</span> : null}
                </>
              ),
            },
            { key: 'type', head: 'Type', cell: ({ type }) => <span data-verbatim>{type}</span> },
            {
              key: 'description',
              head: 'Description',
              cell: ({ description, default: proposed }) => (
                <span className="[overflow-wrap:anywhere]" data-verbatim>
                  {description}
                  {proposed === null ? null : (
                    <span className="block text-muted">
                      Default <Code>{proposed}</Code>
                    </span>
                  )}
                </span>
              ),
            },
          ]}
        />
      </div>
      {isComplete ? null : <p className="text-table text-muted">The input schema says more than this table shows.</p>}
    </>
  );
}
