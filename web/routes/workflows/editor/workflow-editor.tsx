import type { ReactNode } from 'react';
import { DraftForm } from '../../../shell/draft/draft-form.tsx';
import type { Draft } from '../../../shell/draft/use-draft.ts';
import type { Problem } from '../../../shell/problem.ts';
import { Button } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { SaveBar } from '../../../ui/form/save-bar.tsx';
import type { Known } from './complete.ts';
import { CriteriaEditor } from './criteria-editor.tsx';
import { DefinitionFields, type Model, ModelFields } from './definition-fields.tsx';
import { LimitFields } from './limit-fields.tsx';
import { PolicyEditor } from './policy-editor.tsx';
import { criterionProblems, partOf, problemOf, wrongIn } from './problems.ts';
import { PromptField, Warnings } from './prompt-field.tsx';
import { ScheduleEditor } from './schedule-editor.tsx';
import { type Check, useCheck } from './use-check.ts';
import type { EditorValues } from './values.ts';

const sections = [
  { id: 'definition', text: 'Definition', fields: ['name', 'description', 'slug', 'tags', 'serverId', 'metadata'] },
  { id: 'models', text: 'Models', fields: ['testerModels', 'judgeModel', 'authProfileId'] },
  { id: 'prompt', text: 'Prompt', fields: ['prompt'] },
  { id: 'criteria', text: 'Success criteria', fields: ['criteria'] },
  { id: 'schedule', text: 'Schedule', fields: ['schedule', 'timezone'] },
  { id: 'tools', text: 'Tools', fields: ['toolPolicy'] },
  { id: 'limits', text: 'Limits', fields: ['limits', 'retryPolicy', 'storeToolResults'] },
] as const;

export type EditorSurroundings = Known & {
  models: Model[];
  authProfiles: { id: string; name: string; isDefault: boolean }[];
  serverName: string;
  /** Link to choose another server; null if the server is fixed. */
  otherServer: string | null;
  /** What was found of the values that the form has at first. */
  check: Check;
};

/**
 * The form of a whole definition, on one page.
 * @param props.hidden fields that the action needs
 * @param props.more fields of the definition section that only a new workflow has
 * @param props.merge what two people have changed, with the choices
 * @param props.history versions and runs, of a workflow that exists
 */
export function WorkflowEditor({
  draft,
  editor,
  around,
  problem,
  hidden,
  save,
  saveAndRun,
  more,
  merge,
  history,
}: {
  draft: Draft;
  editor: EditorValues;
  around: EditorSurroundings;
  problem: Problem | undefined;
  hidden: { [name: string]: string };
  save: string;
  saveAndRun: string;
  more?: ReactNode;
  merge?: ReactNode;
  history?: ReactNode;
}) {
  const { texts, latest } = useCheck(around.check, draft);
  const isOfModels = ({ field }: { field?: string | undefined }) => /^(testerModels|judgeModel)/.test(field ?? '');
  const ofModels = latest.warnings.filter(isOfModels);
  const others = latest.warnings.filter((each) => !isOfModels(each));
  return (
    <DraftForm draft={draft} className="flex items-start gap-8">
      {Object.entries({ ...hidden, serverId: editor.serverId }).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <SectionNav problem={problem} hasHistory={history !== undefined} />
      <div className="min-w-0 max-w-3xl flex-1 space-y-6">
        <ErrorSummary problem={problem} />
        {merge}
        <Card id="definition" title="Definition">
          <DefinitionFields editor={editor} around={around} problem={problem} more={more} />
        </Card>
        <Card id="models" title="Models">
          <ModelFields editor={editor} around={around} problem={problem} />
          <div className="mt-2 space-y-1 text-xs empty:hidden" aria-live="polite">
            <Warnings warnings={ofModels} />
          </div>
        </Card>
        <Card id="prompt" title="Prompt">
          <PromptField
            prompt={editor.prompt}
            problem={problemOf(problem, 'prompt')}
            known={around}
            unknownTools={latest.unknownTools}
            warnings={others}
          />
        </Card>
        <Card id="criteria" title="Success criteria">
          <p className="mb-3 max-w-prose text-muted text-sm">
            One observable outcome a line. A line that reads as an{' '}
            <a href="/docs/assertions" className="text-accent underline">
              assertion
            </a>{' '}
            is graded by code; every other goes to the judge model. Such as <code>{'calls `create_order` once'}</code>{' '}
            or <code>no tool call fails</code>.
          </p>
          {problemOf(problem, 'criteria') ? (
            <p tabIndex={-1} data-problem={problemOf(problem, 'criteria')} className="mb-3 text-fail text-sm">
              {problemOf(problem, 'criteria')}
            </p>
          ) : null}
          <CriteriaEditor
            criteria={editor.criteria}
            problems={criterionProblems(editor, problem)}
            texts={texts}
            known={around}
          />
        </Card>
        <Card id="schedule" title="Schedule">
          <ScheduleEditor
            editor={editor}
            plan={latest.schedule}
            problems={{ schedule: problemOf(problem, 'schedule'), timezone: problemOf(problem, 'timezone') }}
          />
        </Card>
        <Card id="tools" title="Tools">
          <PolicyEditor
            policy={editor.policy}
            tools={around.tools}
            problems={(problem?.fieldErrors ?? [])
              .filter(({ field }) => partOf(field).startsWith('toolPolicy'))
              .map(({ message }) => message)}
          />
        </Card>
        <Card id="limits" title="Limits">
          <LimitFields editor={editor} problem={problem} />
        </Card>
        {history}
        <SaveBar changes={draft.changes} onDiscard={draft.discard} save={save}>
          <Button name="intent" value="run">
            {saveAndRun}
          </Button>
        </SaveBar>
      </div>
    </DraftForm>
  );
}

function SectionNav({ problem, hasHistory }: { problem: Problem | undefined; hasHistory: boolean }) {
  return (
    <nav aria-label="Parts of the workflow" className="sticky top-6 hidden w-36 shrink-0 min-[1200px]:block">
      <ul className="space-y-1 text-sm">
        {[...sections, ...(hasHistory ? [{ id: 'history', text: 'History', fields: [] }] : [])].map(
          ({ id, text, fields }) => (
            <li key={id}>
              <a href={`#${id}`} className="block rounded-md px-2 py-1 text-muted hover:bg-sunken hover:text-ink">
                {text}
                {wrongIn(problem, fields) ? <span className="text-fail"> (to correct)</span> : null}
              </a>
            </li>
          ),
        )}
      </ul>
    </nav>
  );
}
