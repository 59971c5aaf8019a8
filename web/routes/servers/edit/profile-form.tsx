import { DraftForm } from '../../../shell/draft/draft-form.tsx';
import { useDraft } from '../../../shell/draft/use-draft.ts';
import { kept } from '../../../shell/form.ts';
import { fieldProblem } from '../../../shell/problem.ts';
import { Card } from '../../../ui/base/card.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { TextField } from '../../../ui/form/field.tsx';
import { SaveBar } from '../../../ui/form/save-bar.tsx';
import { AuthFields } from '../connect/auth-fields.tsx';
import type { EditAnswer } from './page.tsx';

type Profile = { id: string; name: string; kind: string; header: string | null };

/** Adds an auth profile, or edits one. A stored credential is never in it. */
export function ProfileForm({
  profile,
  answer,
}: {
  /** Null: a new one. */
  profile: Profile | null;
  answer: EditAnswer;
}) {
  const draft = useDraft({ answer, values: answer && 'values' in answer ? answer.values : undefined });
  const { values } = draft;
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  return (
    <DraftForm draft={draft} className="space-y-4">
      <input type="hidden" name="form" value={profile ? 'profile' : 'new-profile'} />
      {profile ? <input type="hidden" name="authProfileId" value={profile.id} /> : null}
      <ErrorSummary problem={problem} />
      <Card>
        <div className="space-y-4">
          <TextField
            label="Name"
            name="name"
            required
            placeholder="Read-only user"
            autoComplete="off"
            defaultValue={kept(values, 'name', profile?.name)}
            problem={fieldProblem(problem, 'name')}
          />
          <AuthFields
            values={values}
            problem={problem}
            kind={profile?.kind ?? 'bearer'}
            header={profile?.header ?? ''}
            keep={profile !== null}
          />
          {profile ? null : (
            <label className="flex min-h-8 items-center gap-2">
              <input
                type="checkbox"
                name="isDefault"
                defaultChecked={values?.isDefault !== undefined}
                className="size-4"
              />
              Make it the default
            </label>
          )}
        </div>
      </Card>
      <SaveBar
        changes={draft.changes}
        onDiscard={draft.discard}
        save={profile ? 'Save auth profile' : 'Add auth profile'}
      />
    </DraftForm>
  );
}
