import { useState } from 'react';
import { useNavigation } from 'react-router';
import { DraftForm } from '../../../shell/draft/draft-form.tsx';
import { useDraft } from '../../../shell/draft/use-draft.ts';
import { kept } from '../../../shell/form.ts';
import { Button } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { TextField } from '../../../ui/form/field.tsx';
import { MergeView } from '../../../ui/form/merge-view.tsx';
import { SaveBar } from '../../../ui/form/save-bar.tsx';
import { ServerFields } from '../connect/server-fields.tsx';
import { ProbeResult } from '../probe/probe-result.tsx';
import type { ServerValues } from './form-values.ts';
import type { EditAnswer } from './page.tsx';

/**
 * Address, limits and sync of a server. The form is sent with what it began with, so that only changed fields are
 * written, and a field that somebody else has changed too becomes a question.
 */
export function EndpointForm({
  saved,
  credentials,
  answer,
}: {
  saved: ServerValues;
  /** Profiles with a credential: it has to be entered again for another host. */
  credentials: { id: string; name: string }[];
  /** Of this form; undefined before the first. */
  answer: EditAnswer;
}) {
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const probe = answer && 'probe' in answer ? answer.probe : undefined;
  const conflict = answer && 'conflict' in answer ? answer.conflict : undefined;
  const draft = useDraft({ answer, values: answer && 'values' in answer ? answer.values : undefined });
  const busy = useNavigation().state === 'submitting';
  const base = useFormBase(conflict?.base ?? saved, draft.changes > 0 && !conflict);
  const { values } = draft;
  return (
    <DraftForm draft={draft} className="min-w-0 space-y-6">
      <input type="hidden" name="form" value="endpoint" />
      {Object.entries(base).map(([name, value]) => (
        <input
          key={name}
          type="hidden"
          name={`base.${name}`}
          value={conflict ? value : kept(values, `base.${name}`, value)}
        />
      ))}
      <ErrorSummary problem={problem} />
      {conflict ? (
        <Card title="Somebody else has changed the same">
          <div className="space-y-4">
            <p className="text-muted">Choose what to keep, then save. Everything else of theirs stays.</p>
            <MergeView rows={conflict.rows} theirs="Theirs, saved meanwhile" />
          </div>
        </Card>
      ) : null}
      {probe ? (
        <ProbeResult probe={probe}>
          {probe.ok ? null : (
            <Button name="intent" value="save-anyway" disabled={busy}>
              Save anyway
            </Button>
          )}
        </ProbeResult>
      ) : null}
      <Card title="Endpoint">
        <div className="space-y-4">
          <ServerFields values={values} problem={problem} saved={base} />
          {credentials.length > 0 ? (
            <fieldset className="space-y-4 rounded-md border border-line p-4">
              <legend className="px-1 font-medium">Credentials</legend>
              <p className="text-muted">Enter them again if the host changes. Otherwise leave them empty.</p>
              {credentials.map(({ id, name }) => (
                <TextField
                  key={id}
                  label={name}
                  name={`credential:${id}`}
                  type="password"
                  autoComplete="off"
                  problem={problem?.fieldErrors.find(({ field }) => field.includes(id))?.message}
                />
              ))}
            </fieldset>
          ) : null}
        </div>
      </Card>
      {problem?.code === 'conflict' ? (
        <Notice>What you typed is still here. Load the page again to see what was saved.</Notice>
      ) : null}
      <SaveBar changes={draft.changes} onDiscard={draft.discard} />
    </DraftForm>
  );
}

/** What the form began with: the saved values, which no longer follow others' changes once something is typed. */
function useFormBase(current: ServerValues, isHeld: boolean): ServerValues {
  const [base, setBase] = useState(current);
  const isSame = JSON.stringify(base) === JSON.stringify(current);
  if (!isHeld && !isSame) setBase(current);
  return isHeld || isSame ? base : current;
}
