import { useState } from 'react';
import { Form } from 'react-router';
import { fieldProblem, type Problem } from '../../../shell/problem.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { Button } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { SelectField, TextArea } from '../../../ui/form/field.tsx';
import type { ToolsData } from './page.tsx';

/** Which operations are tools, and how agents get them. Without JavaScript all ways of choosing are shown. */
export function ChooseTools({
  data,
  problem,
  busy,
}: {
  data: Pick<ToolsData, 'selection' | 'mode' | 'tags' | 'servedCount' | 'toolCount' | 'suggestedMode' | 'mayEdit'>;
  problem: Problem | undefined;
  busy: boolean;
}) {
  const format = useFormat();
  const { selection, mode, tags, servedCount, toolCount, suggestedMode, mayEdit } = data;
  const [kind, setKind] = useState<string>(selection.kind);
  const chosenTags = new Set(selection.kind === 'tags' ? selection.tags : []);
  return (
    <Card title={`${format.number(servedCount)} of ${format.count(toolCount, 'operation')} are tools`}>
      <Form method="post" preventScrollReset>
        <input type="hidden" name="intent" value="choose" />
        <fieldset disabled={!mayEdit} className="max-w-2xl space-y-4">
          <div className="grid gap-4 sm:grid-cols-2">
            <SelectField
              label="Operations"
              name="kind"
              defaultValue={selection.kind}
              onChange={({ target }) => setKind(target.value)}
            >
              <option value="all">All</option>
              <option value="tags">By tag</option>
              <option value="patterns">By pattern</option>
              <option value="operations">One by one</option>
            </SelectField>
            <SelectField
              label="Agents get"
              name="mode"
              defaultValue={mode}
              hint={
                suggestedMode === mode
                  ? undefined
                  : suggestedMode === 'search'
                    ? 'Search is better for this many.'
                    : 'A list is better for this few.'
              }
            >
              <option value="list">A list: one tool per operation</option>
              <option value="search">Search: four tools for all operations</option>
            </SelectField>
          </div>
          {kind === 'tags' ? (
            <fieldset>
              <legend className="mb-1 text-sm font-medium">Tags</legend>
              <div className="flex flex-wrap gap-x-4">
                {tags.map((tag) => (
                  <label key={tag} className="flex min-h-11 items-center gap-2 md:min-h-8">
                    <input type="checkbox" name="tag" value={tag} defaultChecked={chosenTags.has(tag)} />
                    <span className="[overflow-wrap:anywhere]">{tag}</span>
                  </label>
                ))}
              </div>
            </fieldset>
          ) : null}
          {kind === 'patterns' ? (
            <TextArea
              label="Patterns"
              name="patterns"
              rows={3}
              spellCheck={false}
              defaultValue={selection.kind === 'patterns' ? selection.patterns.join('\n') : 'GET *'}
              problem={fieldProblem(problem, 'selection.patterns')}
              hint="A line each, of method and path. * stands for anything: GET *, * /orders*."
            />
          ) : null}
          {kind === 'operations' ? (
            <TextArea
              label="Operations, one by one"
              name="operations"
              rows={6}
              spellCheck={false}
              defaultValue={selection.kind === 'operations' ? selection.operations.join('\n') : ''}
              problem={fieldProblem(problem, 'selection.operations')}
              hint="A line each, such as GET /orders. To leave out single ones, hide them below."
            />
          ) : null}
          {mayEdit ? <Button disabled={busy}>Save choice</Button> : null}
        </fieldset>
      </Form>
    </Card>
  );
}
