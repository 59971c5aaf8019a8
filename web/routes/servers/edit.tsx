import { type MetaFunction, redirect, useLoaderData, useNavigation } from 'react-router';
import { editServer } from '../../../services/server/edit.ts';
import { getServer } from '../../../services/server/reading/get.ts';
import { toProbeView } from '../../../services/server/view.ts';
import { useActionData } from '../../shell/action-data.ts';
import { DraftForm } from '../../shell/draft/draft-form.tsx';
import { useDraft } from '../../shell/draft/use-draft.ts';
import { text, toValues } from '../../shell/form.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Button } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { TextField } from '../../ui/form/field.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { parseTransport } from './auth-values.ts';
import { ProbeResult } from './probe/probe-result.tsx';
import { ServerFields } from './server-fields.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Edit ${loaderData?.server.name ?? 'server'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params }) => {
  const { server, authProfiles } = await getServer(ctx, { serverId: params.serverId ?? '' });
  return { server, authProfiles };
});

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const serverId = params.serverId ?? '';
  const credentials: { [id: string]: string } = {};
  for (const [name, value] of form)
    if (name.startsWith('credential:') && typeof value === 'string' && value) credentials[name.slice(11)] = value;
  const { saved, probe } = await editServer(ctx, {
    serverId,
    name: text(form, 'name'),
    transport: parseTransport(form),
    url: text(form, 'url'),
    pathSecret: text(form, 'pathSecret'),
    headers: text(form, 'headers'),
    maxConcurrency: Number(text(form, 'maxConcurrency')),
    ...(text(form, 'syncEveryMinutes') !== '' && { syncEveryMinutes: Number(text(form, 'syncEveryMinutes')) }),
    credentials,
    saveAnyway: text(form, 'intent') === 'save-anyway',
  });
  if (saved) throw redirect(path(`servers/${serverId}`));
  return { probe: probe && toProbeView(probe), values: toValues(form) };
});

export default function EditServer() {
  const { server, authProfiles } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  const draft = useDraft({ answer, values: answer?.values });
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const probe = answer && 'probe' in answer ? answer.probe : undefined;
  const withCredential = authProfiles.filter(({ kind }) => kind !== 'none');
  const query = server.queryNames.map((name) => `${encodeURIComponent(name)}=`).join('&');
  const headers = Object.fromEntries(server.headerNames.map((name) => [name, null]));
  return (
    <>
      <PageHeader title={`Edit ${server.name}`} trail={[{ to: '..', text: server.name }]} />
      <div className="max-w-2xl">
        <Card>
          <DraftForm draft={draft} className="space-y-4">
            <ServerFields
              values={draft.values}
              problem={problem}
              server={{
                ...server,
                url: query ? `${server.url}?${query}` : server.url,
                headers: server.headerNames.length > 0 ? JSON.stringify(headers, null, 2) : '',
              }}
            />
            {withCredential.length > 0 ? (
              <fieldset className="space-y-4 rounded-md border border-line p-4">
                <legend className="px-1 font-medium">Credentials</legend>
                <p className="text-muted">Enter them again if the host changes. Otherwise leave them empty.</p>
                {withCredential.map(({ id, name }) => (
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
            <ErrorSummary problem={problem} />
            {probe ? (
              <ProbeResult probe={probe}>
                {probe.ok ? null : (
                  <Button name="intent" value="save-anyway" disabled={busy}>
                    Save anyway
                  </Button>
                )}
              </ProbeResult>
            ) : null}
            <Button variant="primary" name="intent" value="save" disabled={busy}>
              {busy ? 'Saving …' : 'Save'}
            </Button>
          </DraftForm>
        </Card>
      </div>
    </>
  );
}
