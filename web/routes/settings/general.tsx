import { Form, type MetaFunction, redirectDocument, useLoaderData, useNavigation } from 'react-router';
import { atLeast } from '../../../domain/role/role.ts';
import { listModels } from '../../../services/model/list.ts';
import { deleteOrganization } from '../../../services/organization/delete.ts';
import { editOrganization } from '../../../services/organization/edit.ts';
import { getOrganizationSettings } from '../../../services/organization/get-settings.ts';
import { useActionData } from '../../shell/action-data.ts';
import { kept, text } from '../../shell/form.ts';
import { fieldProblem } from '../../shell/problem.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Button } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { SelectField, TextField } from '../../ui/form/field.tsx';
import { AskOwner } from './ask-owner.tsx';
import { DeleteWorkspace } from './delete-workspace.tsx';

export const meta: MetaFunction = () => [{ title: 'General · Settings · Armature' }];

export const loader = memberLoader(async ({ ctx, org }) => {
  const [settings, { models }] = await Promise.all([getOrganizationSettings(ctx, {}), listModels(ctx, {})]);
  return { settings, models, mayEdit: atLeast(org.role, 'owner') };
});

export const action = memberAction(async ({ ctx, form }) => {
  if (form.get('intent') === 'delete') {
    await deleteOrganization(ctx, { name: text(form, 'confirm') });
    throw redirectDocument('/');
  }
  const days = text(form, 'runRetentionDays').trim();
  const settings = await editOrganization(ctx, {
    name: text(form, 'name'),
    defaultTesterModels: form.getAll('defaultTesterModels').filter((id) => typeof id === 'string'),
    defaultJudgeModel: text(form, 'defaultJudgeModel') || null,
    runRetentionDays: days === '' ? null : Number(days),
    requirePersonToApply: text(form, 'approval') === 'person',
  });
  return { saved: settings.name };
});

export default function General() {
  const { settings, models, mayEdit } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state === 'submitting';
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const values = answer && 'values' in answer ? answer.values : undefined;
  const chosen = values ? (values.defaultTesterModels ?? []) : settings.defaultTesterModels;
  const approval = kept(values, 'approval', settings.requirePersonToApply ? 'person' : 'any');
  return (
    <div className="max-w-2xl space-y-6">
      <ErrorSummary problem={problem} />
      {answer && 'saved' in answer ? <Notice tone="good" alert title="The settings are saved." /> : null}
      {mayEdit ? null : <AskOwner owner={settings.owner}>Only the owner changes these settings.</AskOwner>}
      <Form method="post">
        <fieldset disabled={!mayEdit} className="space-y-6">
          <legend className="sr-only">Settings of the workspace</legend>
          <Card title="Workspace">
            <TextField
              label="Name"
              name="name"
              required
              maxLength={100}
              autoComplete="off"
              defaultValue={kept(values, 'name', settings.name)}
              problem={fieldProblem(problem, 'name')}
              hint="Its address stays the same."
            />
          </Card>
          <Card title="Models of new workflows">
            <div className="space-y-4">
              <p className="text-muted">
                For a workflow that names none. It keeps the models that it was created with, so a change here changes
                no workflow.
              </p>
              <fieldset>
                <legend className="mb-1 text-sm font-medium">Tester models</legend>
                <div className="space-y-1">
                  {models
                    .filter(({ tester }) => tester)
                    .map(({ id, label, keySet }) => (
                      <label key={id} className="flex min-h-8 items-center gap-2">
                        <input
                          type="checkbox"
                          name="defaultTesterModels"
                          value={id}
                          defaultChecked={chosen.includes(id)}
                        />
                        <span className="[overflow-wrap:anywhere]">
                          {label} <span className="font-mono text-xs text-muted">{id}</span>
                          {keySet ? null : <span className="text-muted"> · no key</span>}
                        </span>
                      </label>
                    ))}
                </div>
                <p className="mt-1 text-xs text-muted">None: the scripted steps that come with Armature.</p>
              </fieldset>
              <SelectField
                label="Judge model"
                name="defaultJudgeModel"
                defaultValue={kept(values, 'defaultJudgeModel', settings.defaultJudgeModel ?? '')}
                problem={fieldProblem(problem, 'defaultJudgeModel')}
              >
                <option value="">Assertions only (built in)</option>
                {models
                  .filter(({ judge, builtin }) => judge && !builtin)
                  .map(({ id, label }) => (
                    <option key={id} value={id}>
                      {label} ({id})
                    </option>
                  ))}
              </SelectField>
            </div>
          </Card>
          <Card title="Proposals by keys">
            <fieldset className="space-y-2">
              <legend className="sr-only">Who applies what API keys propose</legend>
              {(
                [
                  ['any', 'Any editor key may apply'],
                  ['person', 'A person must apply'],
                ] as const
              ).map(([value, label]) => (
                <label key={value} className="flex min-h-8 items-center gap-2">
                  <input type="radio" name="approval" value={value} defaultChecked={approval === value} />
                  {label}
                </label>
              ))}
            </fieldset>
          </Card>
          <Card title="Retention">
            <TextField
              label="Delete runs after days"
              name="runRetentionDays"
              inputMode="numeric"
              pattern="[0-9]*"
              defaultValue={kept(values, 'runRetentionDays', settings.runRetentionDays?.toString() ?? '')}
              problem={fieldProblem(problem, 'runRetentionDays')}
              hint="With their traces and verdicts, that many days after they ended. Empty: runs are kept for good. Usage stays counted."
            />
          </Card>
          {mayEdit ? (
            <Button variant="primary" disabled={busy}>
              Save settings
            </Button>
          ) : null}
        </fieldset>
      </Form>
      {mayEdit ? <DeleteWorkspace name={settings.name} /> : null}
    </div>
  );
}
