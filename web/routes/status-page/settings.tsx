import { Megaphone } from 'lucide-react';
import { useState } from 'react';
import { type MetaFunction, useLoaderData } from 'react-router';
import { atLeast } from '../../../domain/role/role.ts';
import { getStatusPage } from '../../../services/status-page/get.ts';
import { saveStatusPage } from '../../../services/status-page/save.ts';
import { useActionData } from '../../shell/action-data.ts';
import { DraftForm } from '../../shell/draft/draft-form.tsx';
import { useDraft } from '../../shell/draft/use-draft.ts';
import { toValues } from '../../shell/form.ts';
import { fieldProblem } from '../../shell/problem.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { buttonClass } from '../../ui/base/button.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { StateLabel } from '../../ui/base/status-chip.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { TextArea, TextField } from '../../ui/form/field.tsx';
import { SaveBar } from '../../ui/form/save-bar.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { PublicAddress } from './address.tsx';
import { Preview } from './preview.tsx';
import { ServerFields } from './server-fields.tsx';
import { fromSettings, fromValues } from './values.ts';

export const meta: MetaFunction = () => [{ title: 'Status page · Armature' }];

export const loader = memberLoader(async ({ ctx, org }) => {
  const settings = await getStatusPage(ctx, {});
  return {
    settings,
    address: `${ctx.deps.config.url}/status/${settings.slug}`,
    mayEdit: atLeast(org.role, 'admin'),
  };
});

export const action = memberAction(async ({ ctx, form }) => {
  const { enabled } = await saveStatusPage(ctx, fromValues(toValues(form)));
  return { saved: enabled ? 'Saved. The page is public.' : 'Saved. The page is off.' };
});

export default function StatusPageSettings() {
  const { settings, address, mayEdit } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const saved = answer && 'saved' in answer ? answer.saved : undefined;
  const draft = useDraft({
    answer,
    values: answer && 'values' in answer ? answer.values : undefined,
    isSaved: saved !== undefined,
  });
  const [query, setQuery] = useState('');
  const shown = draft.values ? fromValues(draft.values) : fromSettings(settings);
  return (
    <>
      <PageHeader
        title="Status page"
        icon={<Megaphone className="size-5" />}
        status={<StateLabel>{settings.enabled ? 'Public' : 'Off'}</StateLabel>}
        note="A page that anyone can read: how your servers' monitors do, their uptime over 90 days, incidents and maintenance. It shows names and states alone: no tool, address, argument, result or error."
        actions={
          settings.enabled ? (
            <a href={address} className={buttonClass('plain')}>
              Open page
            </a>
          ) : null
        }
      />
      <div className="grid items-start gap-6 min-[1200px]:grid-cols-[minmax(0,40rem)_minmax(0,1fr)]">
        <div className="min-w-0 space-y-6">
          <ErrorSummary problem={problem} />
          {saved ? (
            <Notice tone="good" alert title={saved}>
              Visitors see the change within a minute.
            </Notice>
          ) : null}
          {mayEdit ? null : <p className="text-muted">Admins can change these settings.</p>}
          <DraftForm
            draft={draft}
            onChangeCapture={({ currentTarget }) => setQuery(toQuery(currentTarget))}
            className="space-y-6"
          >
            <fieldset disabled={!mayEdit} className="space-y-6">
              <legend className="sr-only">Settings of the status page</legend>
              <Fields shown={shown} problem={problem} />
              <section aria-labelledby="servers" className="space-y-3">
                <div>
                  <h2 id="servers" className="text-base font-semibold">
                    Servers
                  </h2>
                  <p className="text-muted">
                    Only the servers that you select are shown, with the monitors that have passed once.
                  </p>
                </div>
                <ServerFields servers={settings.servers} saved={settings.serverIds} shown={shown} problem={problem} />
              </section>
              {mayEdit ? <SaveBar changes={draft.changes} onDiscard={draft.discard} /> : null}
            </fieldset>
          </DraftForm>
          {settings.enabled ? <PublicAddress address={address} slug={settings.slug} /> : null}
        </div>
        <Preview address={`/status/${settings.slug}/preview`} query={draft.changes > 0 ? query : ''} />
      </div>
    </>
  );
}

function Fields({
  shown,
  problem,
}: {
  shown: ReturnType<typeof fromValues>;
  problem: Parameters<typeof fieldProblem>[0];
}) {
  return (
    <>
      <label className="flex items-start gap-2">
        <input type="checkbox" name="enabled" defaultChecked={shown.enabled} className="mt-1" />
        <span>
          <span className="font-medium">Public</span>
          <span className="block text-muted">
            Anyone who has the address can read it. If you switch it off, it can be read for up to a minute from caches.
          </span>
        </span>
      </label>
      <TextField
        label="Title"
        name="title"
        required
        maxLength={100}
        defaultValue={shown.title}
        problem={fieldProblem(problem, 'title')}
      />
      <TextArea
        label="Description (optional)"
        name="description"
        rows={3}
        maxLength={1000}
        defaultValue={shown.description}
        problem={fieldProblem(problem, 'description')}
      />
    </>
  );
}

/** What is typed, as the address of the preview. */
function toQuery(form: HTMLFormElement): string {
  const query = new URLSearchParams({ draft: '1' });
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') query.append(name, value);
  return query.toString();
}
