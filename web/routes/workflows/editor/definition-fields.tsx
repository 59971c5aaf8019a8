import type { ReactNode } from 'react';
import type { Problem } from '../../../shell/problem.ts';
import { TextLink } from '../../../ui/base/button.tsx';
import { SelectField, TextArea, TextField } from '../../../ui/form/field.tsx';
import { problemOf } from './problems.ts';
import type { EditorValues } from './values.ts';
import type { EditorSurroundings } from './workflow-editor.tsx';

export type Model = { id: string; label: string; tester: boolean; judge: boolean; keySet: boolean };
type Props = { editor: EditorValues; around: EditorSurroundings; problem: Problem | undefined };

export function DefinitionFields({ editor, around, problem, more }: Props & { more: ReactNode }) {
  return (
    <div className="max-w-2xl space-y-4">
      <TextField label="Name" name="name" required defaultValue={editor.name} problem={problemOf(problem, 'name')} />
      <TextField
        label="Description (optional)"
        name="description"
        defaultValue={editor.description}
        problem={problemOf(problem, 'description')}
      />
      {more}
      <p className="text-sm">
        <span className="font-medium">Server:</span> {around.serverName}{' '}
        {around.otherServer ? <TextLink to={around.otherServer}>Choose another</TextLink> : null}
      </p>
      <TextArea
        label="Metadata (optional)"
        name="metadata"
        rows={2}
        className="font-mono md:text-code"
        defaultValue={editor.metadata}
        hint="One “name: value” a line."
        problem={problemOf(problem, 'metadata')}
      />
    </div>
  );
}

export function ModelFields({ editor, around: { models, authProfiles }, problem }: Props) {
  const judges = models.filter(({ judge }) => judge);
  const testers = models.filter(({ tester }) => tester);
  const unknown = editor.testerModels
    .filter((id) => !testers.some((model) => model.id === id))
    .map((id): Model => ({ id, label: id, tester: true, judge: false, keySet: false }));
  const testerProblem = problemOf(problem, 'testerModels');
  return (
    <div className="grid gap-4 md:grid-cols-2">
      <fieldset className="min-w-0 text-sm md:row-span-2">
        <legend className="mb-1 font-medium">Tester models</legend>
        <div className="max-h-48 overflow-auto rounded-md border border-field p-2">
          {[...testers, ...unknown].map((model) => (
            <label key={model.id} className="flex min-h-11 items-center gap-2 md:min-h-7">
              <input
                type="checkbox"
                name="testerModels"
                value={model.id}
                defaultChecked={editor.testerModels.includes(model.id)}
                className="size-4 shrink-0"
              />
              <span className="min-w-0 [overflow-wrap:anywhere]">
                {model.label}
                {model.keySet ? '' : ' – no key'}
              </span>
            </label>
          ))}
        </div>
        {testerProblem ? (
          <p tabIndex={-1} data-problem={testerProblem} className="mt-1 text-fail">
            {testerProblem}
          </p>
        ) : (
          <p className="mt-1 text-muted text-xs">Each of them runs the workflow on its own.</p>
        )}
      </fieldset>
      <SelectField
        label="Judge model"
        name="judgeModel"
        defaultValue={editor.judgeModel}
        problem={problemOf(problem, 'judgeModel')}
      >
        {judges.some(({ id }) => id === editor.judgeModel) ? null : (
          <option value={editor.judgeModel}>{editor.judgeModel}</option>
        )}
        {judges.map(({ id, label, keySet }) => (
          <option key={id} value={id}>
            {label}
            {keySet ? '' : ' – no key'}
          </option>
        ))}
      </SelectField>
      <SelectField
        label="Auth profile"
        name="authProfileId"
        defaultValue={editor.authProfileId}
        problem={problemOf(problem, 'authProfileId')}
      >
        <option value="">The server's default</option>
        {authProfiles.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
    </div>
  );
}
