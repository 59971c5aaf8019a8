import { Tabs } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { useSearchParams } from 'react-router';
import { DraftForm } from '../../../shell/draft/draft-form.tsx';
import type { Draft } from '../../../shell/draft/use-draft.ts';
import { fieldProblem, type Problem } from '../../../shell/problem.ts';
import { TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { SelectField, TextArea, TextField } from '../../../ui/form/field.tsx';
import { SaveBar } from '../../../ui/form/save-bar.tsx';
import { CriteriaEditor } from './criteria-editor.tsx';
import { PolicyEditor } from './policy-editor.tsx';
import { ScheduleEditor } from './schedule-editor.tsx';
import { type EditorValues, writtenCriteria } from './values.ts';

const tabs = [
  {
    id: 'definition',
    text: 'Definition',
    fields: ['name', 'description', 'serverId', 'authProfileId', 'testerModels', 'judgeModel', 'prompt', 'metadata'],
  },
  { id: 'criteria', text: 'Success criteria', fields: ['criteria'] },
  { id: 'schedule', text: 'Schedule', fields: ['schedule', 'timezone'] },
  { id: 'policy', text: 'Tool policy', fields: ['toolPolicy'] },
  { id: 'limits', text: 'Limits', fields: ['limits', 'retryPolicy', 'storeToolResults'] },
] as const;

const limitFields = [
  ['turns', 'Model turns per run', 'Each model response counts as one.'],
  ['toolCalls', 'Tool calls per run', ''],
  ['seconds', 'Seconds per run', 'Wall time of the whole run.'],
  ['tokens', 'Tokens per run', 'Input and output of the tester model.'],
  ['toolCallSeconds', 'Seconds per tool call', ''],
] as const;

export type EditorSurroundings = {
  models: { id: string; label: string; tester: boolean; judge: boolean; keySet: boolean }[];
  authProfiles: { id: string; name: string; isDefault: boolean }[];
  tools: { name: string; description: string }[];
  serverName: string;
  /** Link to choose another server; null if the server is fixed. */
  otherServer: string | null;
  now: string;
};

/** The form of a whole definition. It always contains every tab, hidden or not. */
export function WorkflowEditor({
  draft,
  editor,
  around,
  problem,
  baseVersionId,
  submit,
  children,
}: {
  draft: Draft;
  editor: EditorValues;
  around: EditorSurroundings;
  problem: Problem | undefined;
  baseVersionId?: string;
  submit: string;
  children?: ReactNode;
}) {
  const [search] = useSearchParams();
  const [tab, setTab] = useState(tabs.find(({ id }) => id === search.get('tab'))?.id ?? 'definition');
  const [seen, setSeen] = useState(problem);
  // A new error opens its tab.
  if (problem !== seen) {
    setSeen(problem);
    const first = tabs.find(({ fields }) => wrongIn(problem, fields));
    if (first) setTab(first.id);
  }
  return (
    <DraftForm draft={draft} className="space-y-4">
      {baseVersionId ? <input type="hidden" name="baseVersionId" value={baseVersionId} /> : null}
      <input type="hidden" name="serverId" value={editor.serverId} />
      <ErrorSummary problem={problem} />
      {children}
      <Tabs.Root
        value={tab}
        onValueChange={(value) => {
          const next = tabs.find(({ id }) => id === value);
          if (!next) return;
          setTab(next.id);
          // Writes the tab to the URL without a navigation, which would reload the page.
          const url = new URL(window.location.href);
          url.searchParams.set('tab', next.id);
          window.history.replaceState(window.history.state, '', url);
        }}
      >
        <Tabs.List
          aria-label="Parts of the workflow"
          className="tab-list mb-4 flex flex-wrap gap-1 border-line border-b"
        >
          {tabs.map(({ id, text, fields }) => (
            <Tabs.Trigger
              key={id}
              value={id}
              className="-mb-px min-h-10 cursor-pointer border-transparent border-b-2 px-3 font-medium text-muted hover:text-ink data-[state=active]:border-accent data-[state=active]:text-accent"
            >
              {text}
              {wrongIn(problem, fields) ? <span className="text-fail"> (to correct)</span> : null}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Panel id="definition">
          <Definition editor={editor} around={around} problem={problem} />
        </Panel>
        <Panel id="criteria">
          <Card title="Success criteria">
            <p className="mb-3 max-w-prose text-muted">
              One observable outcome a line. A line that reads as an assertion is graded by code; every other goes to
              the judge model. Assertions look like <code>{'calls `create_order` once'}</code>,{' '}
              <code>{'`create_order` result contains "confirmed"'}</code>,{' '}
              <code>{'`create_order` result fits its output schema'}</code> or <code>no tool call fails</code>.
            </p>
            {fieldProblem(problem, 'definition.criteria', 'criteria', 'changes.criteria') ? (
              <p className="mb-3 text-fail">
                {fieldProblem(problem, 'definition.criteria', 'criteria', 'changes.criteria')}
              </p>
            ) : null}
            <CriteriaEditor criteria={editor.criteria} problems={criterionProblems(editor, problem)} />
          </Card>
        </Panel>
        <Panel id="schedule">
          <Card title="Schedule">
            <ScheduleEditor
              editor={editor}
              now={around.now}
              problems={{ schedule: problemOf(problem, 'schedule'), timezone: problemOf(problem, 'timezone') }}
            />
          </Card>
        </Panel>
        <Panel id="policy">
          <Card title="Tool policy">
            <PolicyEditor
              policy={editor.policy}
              tools={around.tools}
              problems={(problem?.fieldErrors ?? [])
                .filter(({ field }) => partOf(field).startsWith('toolPolicy'))
                .map(({ message }) => message)}
            />
          </Card>
        </Panel>
        <Panel id="limits">
          <Card title="Limits and retries">
            <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
              {limitFields.map(([name, label, hint]) => (
                <TextField
                  key={name}
                  label={label}
                  hint={hint}
                  name={`limits.${name}`}
                  type="number"
                  defaultValue={editor.limits[name]}
                  problem={problemOf(problem, `limits.${name}`)}
                />
              ))}
              <TextField
                label="Attempts"
                name="retryPolicy.attempts"
                type="number"
                hint="After a model or connection failure."
                defaultValue={editor.retryPolicy.attempts}
                problem={problemOf(problem, 'retryPolicy.attempts')}
              />
              <TextField
                label="Seconds before the second attempt"
                name="retryPolicy.backoffSeconds"
                type="number"
                step="any"
                hint="Doubles with each attempt."
                defaultValue={editor.retryPolicy.backoffSeconds}
                problem={problemOf(problem, 'retryPolicy.backoffSeconds')}
              />
            </div>
            <label className="mt-4 flex items-center gap-2">
              <input type="checkbox" name="storeToolResults" defaultChecked={editor.storeToolResults} /> Store tool
              results
            </label>
            <p className="mt-1 text-muted">Otherwise only their shape, size and outcome are stored.</p>
          </Card>
        </Panel>
      </Tabs.Root>
      <SaveBar changes={draft.changes} onDiscard={draft.discard} save={submit} />
    </DraftForm>
  );
}

function Panel({ id, children }: { id: string; children: ReactNode }) {
  return (
    <Tabs.Content value={id} forceMount className="tab-panel mb-4">
      {children}
    </Tabs.Content>
  );
}

function Definition({
  editor,
  around,
  problem,
}: {
  editor: EditorValues;
  around: EditorSurroundings;
  problem: Problem | undefined;
}) {
  const { models, authProfiles, serverName, otherServer } = around;
  const option = ({ id, label, keySet }: EditorSurroundings['models'][number]) => (
    <option key={id} value={id}>
      {label}
      {keySet ? '' : ' – no key'}
    </option>
  );
  const judges = models.filter(({ judge }) => judge);
  const testers = models.filter(({ tester }) => tester);
  const unknown = editor.testerModels.filter((id) => !testers.some((model) => model.id === id));
  return (
    <Card title="Definition">
      <div className="space-y-4">
        <TextField label="Name" name="name" required defaultValue={editor.name} problem={problemOf(problem, 'name')} />
        <TextField
          label="Description (optional)"
          name="description"
          defaultValue={editor.description}
          problem={problemOf(problem, 'description')}
        />
        <p>
          <span className="font-medium">Server:</span> {serverName}{' '}
          {otherServer ? <TextLink to={otherServer}>Choose another</TextLink> : null}
        </p>
        <TextArea
          label="Prompt"
          name="prompt"
          rows={10}
          className="font-mono text-xs"
          required
          defaultValue={editor.prompt}
          problem={problemOf(problem, 'prompt')}
          hint={
            <>
              The agent's task. <code>{'{{run.id}}'}</code> and <code>{'{{run.short_id}}'}</code> become the run's own.
              The built-in scripted tester carries out lines such as{' '}
              <code>{'call search_products {"query": "mug"}'}</code>, with <code>$1.path</code> for a value of the first
              result.
            </>
          }
        />
        <div className="grid gap-4 md:grid-cols-3">
          <fieldset>
            <legend className="mb-1 font-medium">Tester models</legend>
            <div className="max-h-48 space-y-1 overflow-auto rounded-md border border-field p-2">
              {[...testers, ...unknown.map((id) => ({ id, label: id, tester: true, judge: false, keySet: false }))].map(
                (model) => (
                  <label key={model.id} className="flex items-baseline gap-2">
                    <input
                      type="checkbox"
                      name="testerModels"
                      value={model.id}
                      defaultChecked={editor.testerModels.includes(model.id)}
                    />
                    <span className="min-w-0">
                      {model.label}
                      {model.keySet ? '' : ' – no key'}
                    </span>
                  </label>
                ),
              )}
            </div>
            {problemOf(problem, 'testerModels') ? (
              <p className="mt-1 text-fail">{problemOf(problem, 'testerModels')}</p>
            ) : null}
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
            {judges.map(option)}
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
        <TextArea
          label="Metadata (optional)"
          name="metadata"
          rows={2}
          className="font-mono text-xs"
          defaultValue={editor.metadata}
          hint="One “name: value” a line."
          problem={problemOf(problem, 'metadata')}
        />
      </div>
    </Card>
  );
}

/** Maps `definition.criteria[0].text` and `changes.criteria[0].text` to `criteria[0].text` of the form. */
const partOf = (field: string) => field.replace(/^(definition|changes)\./, '');
const problemOf = (problem: Problem | undefined, field: string) =>
  problem?.fieldErrors.find((error) => partOf(error.field) === field)?.message;
const wrongIn = (problem: Problem | undefined, fields: readonly string[]) =>
  problem?.fieldErrors.some(({ field }) => fields.some((name) => new RegExp(`^${name}([.[]|$)`).test(partOf(field)))) ??
  false;

/** By line of the form; the use case counts only lines with text. */
function criterionProblems(editor: EditorValues, problem: Problem | undefined): Map<number, string> {
  const written = writtenCriteria(editor);
  const found = new Map<number, string>();
  for (const { field, message } of problem?.fieldErrors ?? []) {
    const line = written[Number(/^criteria\[(\d+)\]/.exec(partOf(field))?.[1] ?? -1)];
    if (line) found.set(editor.criteria.indexOf(line), message);
  }
  return found;
}
