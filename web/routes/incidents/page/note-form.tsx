import { useNavigation } from 'react-router';
import { useActionData } from '../../../shell/action-data.ts';
import { DraftForm } from '../../../shell/draft/draft-form.tsx';
import { useDraft } from '../../../shell/draft/use-draft.ts';
import { kept } from '../../../shell/form.ts';
import { fieldProblem } from '../../../shell/problem.ts';
import { Button } from '../../../ui/base/button.tsx';
import { TextArea } from '../../../ui/form/field.tsx';
import type { action } from './page.tsx';

/** Adds a note to the timeline. @param props.noteId of the note that is written next */
export function NoteForm({ noteId }: { noteId: string }) {
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const values = answer && 'values' in answer ? answer.values : undefined;
  const draft = useDraft({ answer: values, values });
  return (
    <DraftForm draft={draft} className="space-y-2 border-line border-t p-4">
      <TextArea
        label="Add a note"
        name="text"
        rows={2}
        maxLength={4000}
        defaultValue={kept(draft.values, 'text')}
        problem={fieldProblem(problem, 'text')}
      />
      <input type="hidden" name="intent" value="note" />
      {/* As a button's value it is no change of the form when the page is loaded again. */}
      <Button name="noteId" value={noteId} disabled={busy}>
        Add note
      </Button>
    </DraftForm>
  );
}
