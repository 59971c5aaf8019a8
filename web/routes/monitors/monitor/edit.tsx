import { type MetaFunction, redirect, useLoaderData, useNavigation } from 'react-router';
import { ArmatureError, type Warning } from '../../../../domain/error/error.ts';
import { atLeast } from '../../../../domain/role/role.ts';
import { toFields } from '../../../../domain/schema/form.ts';
import { editMonitor } from '../../../../services/monitor/edit.ts';
import { getMonitor } from '../../../../services/monitor/reading/get.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { DraftForm } from '../../../shell/draft/draft-form.tsx';
import { useDraft } from '../../../shell/draft/use-draft.ts';
import { kept, text, toValues } from '../../../shell/form.ts';
import { fieldProblem } from '../../../shell/problem.ts';
import { id } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button, TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Code } from '../../../ui/base/text.tsx';
import { Link } from '../../../ui/page/link.tsx';
import { IntervalField, MonitorFields, ProfileField } from '../editor/fields.tsx';
import { parseArguments, parseInterval, placeInOne, withRows } from '../editor/form.server.ts';
import { argumentsAs, type MonitorRow, noErrors, parseRows, switched, toSettings } from '../editor/values.ts';
import { FormProblem } from '../editor/wizard.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Edit ${loaderData?.monitor.name ?? 'monitor'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, org, path }) => {
  const here = `monitors/${params.monitorId}`;
  if (!atLeast(org.role, 'editor')) throw redirect(path(here));
  const { monitor, authProfiles, tool, server } = await getMonitor(ctx, { monitorId: params.monitorId ?? '' });
  if (monitor.state === 'archived') throw redirect(path(here));
  return { monitor, authProfiles, schema: tool?.inputSchema, server };
});

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const monitorId = params.monitorId ?? '';
  const { tool } = await getMonitor(ctx, { monitorId });
  const rows = parseRows(toValues(form));
  const [row] = rows;
  if (!row) throw new ArmatureError('validation_failed', 'The form is incomplete.', 'Reload the page and try again.');
  if (text(form, 'intent').startsWith('switch:')) {
    const { values, errors } = switched(row, toFields(tool?.inputSchema).fields);
    return { row: values, errors: errors.map(({ field, message }) => ({ field: `${row.key}.${field}`, message })) };
  }
  const [args = {}] = parseArguments(rows, () => tool?.inputSchema);
  const authProfileId = id(text(form, 'authProfileId'));
  const { warnings } = await withRows(placeInOne(row), () =>
    editMonitor(ctx, {
      monitorId,
      arguments: args,
      intervalSeconds: parseInterval(form),
      ...(authProfileId && { authProfileId }),
      ...toSettings(row),
    }),
  );
  if (warnings.length === 0) throw redirect(path(`monitors/${monitorId}`));
  return { row, warnings };
});

export default function EditMonitor() {
  const { monitor, authProfiles, schema, server } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state === 'submitting';
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const draft = useDraft({
    answer,
    values: answer && 'values' in answer ? answer.values : undefined,
    isSaved: answer !== undefined && 'warnings' in answer,
  });
  const { values } = draft;
  const saved: MonitorRow = {
    key: 'm0',
    tool: monitor.tool,
    name: monitor.name,
    ...argumentsAs(schema, monitor.arguments),
    timeoutSeconds: String(monitor.timeoutSeconds),
    degradedAboveMs: monitor.degradedAboveMs === null ? '' : String(monitor.degradedAboveMs),
    assertions: monitor.assertions.join('\n'),
    checkOutputSchema: monitor.checkOutputSchema,
    storeResults: monitor.storeResults,
  };
  const row = (values ? parseRows(values)[0] : answer && 'row' in answer ? answer.row : undefined) ?? saved;
  const warnings: Warning[] = answer && 'warnings' in answer ? (answer.warnings ?? []) : [];
  const errors = problem?.fieldErrors ?? (answer && 'errors' in answer ? answer.errors : undefined) ?? noErrors;
  const profiles = authProfiles.some(({ id }) => id === monitor.authProfileId)
    ? authProfiles
    : [{ id: '', name: 'Choose one (the previous one was deleted)', isDefault: false }, ...authProfiles];
  return (
    <>
      <p className="mb-4 text-muted text-sm">
        Calls <Code>{monitor.tool}</Code> of {server.name}. To call another tool, add another monitor.
      </p>
      <DraftForm draft={draft} className="space-y-4">
        {/* What the Enter key presses. */}
        <button type="submit" name="intent" value="save" className="sr-only" tabIndex={-1} aria-hidden="true">
          Save
        </button>
        <FormProblem problem={problem} rows={[row]} />
        {warnings.length > 0 ? (
          <Notice tone="warning" alert title="Saved with warnings.">
            <ul className="list-disc pl-5">
              {warnings.map(({ code, message }) => (
                <li key={`${code} ${message}`}>{message}</li>
              ))}
            </ul>
            <TextLink to=".." relative="path">
              View monitor
            </TextLink>
          </Notice>
        ) : null}
        <Card title="What it calls">
          <MonitorFields row={row} schema={schema} errors={errors} />
        </Card>
        <Card title="Schedule and credentials">
          <div className="grid max-w-2xl gap-4 sm:grid-cols-2">
            <IntervalField
              seconds={Number(kept(values, 'intervalSeconds', String(monitor.intervalSeconds)))}
              problem={fieldProblem(problem, 'intervalSeconds')}
            />
            <ProfileField
              profiles={profiles}
              value={kept(values, 'authProfileId', monitor.authProfileId)}
              problem={fieldProblem(problem, 'authProfileId')}
            />
          </div>
        </Card>
        <div className="flex gap-2">
          <Button variant="primary" name="intent" value="save" disabled={busy}>
            {busy ? 'Saving …' : 'Save'}
          </Button>
          <Link to=".." relative="path" className="self-center px-2 text-muted hover:text-ink hover:underline">
            Cancel
          </Link>
        </div>
      </DraftForm>
    </>
  );
}
