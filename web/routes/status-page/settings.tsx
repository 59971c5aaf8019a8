import { Form, type MetaFunction, useLoaderData, useNavigation } from 'react-router';
import { atLeast } from '../../../domain/role/role.ts';
import { getStatusPage } from '../../../services/status-page/get.ts';
import { saveStatusPage } from '../../../services/status-page/save.ts';
import { useActionData } from '../../shell/action-data.ts';
import { kept, text } from '../../shell/form.ts';
import { fieldProblem } from '../../shell/problem.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Badge } from '../../ui/base/badge.tsx';
import { Button } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { RawText } from '../../ui/base/text.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { TextArea, TextField } from '../../ui/form/field.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';

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
  const { enabled } = await saveStatusPage(ctx, {
    enabled: form.has('enabled'),
    title: text(form, 'title'),
    description: text(form, 'description'),
    serverIds: form.getAll('serverIds').filter((value) => typeof value === 'string'),
    displayNames: readDisplayNames(form),
  });
  return { saved: enabled ? 'Saved. The page is public.' : 'Saved. The page is off.' };
});

const nameField = 'displayName.';

/** The display names that were entered, by server. */
const readDisplayNames = (form: FormData): { [serverId: string]: string } =>
  Object.fromEntries(
    [...form].flatMap(([field, value]) =>
      field.startsWith(nameField) && typeof value === 'string' && value.trim() !== ''
        ? [[field.slice(nameField.length), value]]
        : [],
    ),
  );

export default function StatusPageSettings() {
  const { settings, address, mayEdit } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  const refused = answer && 'values' in answer ? answer.values : undefined;
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const chosen = new Set(refused ? (refused.serverIds ?? []) : settings.serverIds);
  return (
    <div className="max-w-3xl space-y-6">
      <PageHeader
        title={
          <span className="inline-flex flex-wrap items-center gap-3">
            Status page
            {settings.enabled ? <Badge tone="pass">Public</Badge> : <Badge>Off</Badge>}
          </span>
        }
        note="A page that anyone can read: how your servers' monitors do, their uptime over 90 days, open incidents and maintenance. It shows names and states alone: no tool, address, argument, result or error."
      />
      {problem ? <ErrorSummary problem={problem} /> : null}
      {answer && 'saved' in answer ? (
        <Notice tone="good" alert title={answer.saved}>
          Visitors see the change within a minute.
        </Notice>
      ) : null}
      <Card title="Settings">
        <Form method="post" className="space-y-4" noValidate>
          <fieldset disabled={!mayEdit} className="space-y-4">
            <label className="flex items-start gap-2">
              <input
                type="checkbox"
                name="enabled"
                defaultChecked={refused ? refused.enabled !== undefined : settings.enabled}
                className="mt-1"
              />
              <span>
                <span className="font-medium">Public</span>
                <span className="block text-muted">
                  Anyone who has the address can read it. If you switch it off, it can be read for up to a minute from
                  caches.
                </span>
              </span>
            </label>
            <TextField
              label="Title"
              name="title"
              required
              maxLength={100}
              defaultValue={kept(refused, 'title', settings.title)}
              problem={fieldProblem(problem, 'title')}
            />
            <TextArea
              label="Description (optional)"
              name="description"
              rows={3}
              maxLength={1000}
              defaultValue={kept(refused, 'description', settings.description)}
              problem={fieldProblem(problem, 'description')}
            />
            <fieldset>
              <legend className="mb-1 font-medium">Servers</legend>
              {settings.servers.length === 0 ? <p className="text-muted">No servers are connected yet.</p> : null}
              <div className="space-y-3">
                {settings.servers.map(({ id, name, monitorCount }) => (
                  <div key={id} className="grid gap-2 sm:grid-cols-2">
                    <label className="flex items-start gap-2">
                      <input
                        type="checkbox"
                        name="serverIds"
                        value={id}
                        defaultChecked={chosen.has(id)}
                        className="mt-1"
                      />
                      <span className="min-w-0">
                        {name}{' '}
                        <span className="text-muted">
                          {monitorCount === 0
                            ? 'no active monitor: not shown'
                            : monitorCount === 1
                              ? '1 monitor'
                              : `${monitorCount} monitors`}
                        </span>
                      </span>
                    </label>
                    <TextField
                      label={`Shown as (${name})`}
                      name={`${nameField}${id}`}
                      maxLength={100}
                      placeholder={name}
                      autoComplete="off"
                      defaultValue={kept(refused, `${nameField}${id}`, settings.displayNames[id] ?? '')}
                      problem={fieldProblem(problem, `displayNames.${id}`)}
                    />
                  </div>
                ))}
              </div>
              <p className="mt-1 text-muted">
                Only selected servers are shown, with the monitors that have passed once.
              </p>
            </fieldset>
            {mayEdit ? (
              <Button variant="primary" disabled={busy}>
                {busy ? 'Saving …' : 'Save'}
              </Button>
            ) : (
              <p className="text-muted">Admins can change this.</p>
            )}
          </fieldset>
        </Form>
      </Card>
      {settings.enabled ? (
        <Card title="Address and badge">
          <p>
            <a href={address} className="break-all text-accent underline">
              {address}
            </a>
          </p>
          <p className="mt-4 mb-2">
            <img src={`/status/${settings.slug}/badge.svg`} alt="Badge with the current status" height={20} />
          </p>
          <p className="mb-1 text-muted">As Markdown, for a README:</p>
          <RawText label="Markdown of the badge">{`[![Status](${address}/badge.svg)](${address})`}</RawText>
          <p className="mt-2 text-muted">Each monitor has a badge too. Its address is next to it on the page.</p>
        </Card>
      ) : null}
    </div>
  );
}
