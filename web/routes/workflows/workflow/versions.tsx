import { Form, type MetaFunction, useLoaderData, useParams, useRouteLoaderData, useSearchParams } from 'react-router';
import { ArmatureError } from '../../../../domain/error/error.ts';
import { getWorkflow } from '../../../../services/workflow/reading/get.ts';
import { getWorkflowVersion } from '../../../../services/workflow/reading/get-version.ts';
import { listVersions } from '../../../../services/workflow/reading/list-versions.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { id, query } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button, LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { aboveRow, DataTable } from '../../../ui/data/data-table.tsx';
import { Pager } from '../../../ui/data/pager.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { SelectField } from '../../../ui/form/field.tsx';
import { Toast } from '../../../ui/overlay/toast.tsx';
import { DefinitionDiff } from '../definition/diff.tsx';
import { fieldName } from '../definition/labels.ts';
import { toReadableDiff } from '../definition/named.server.ts';
import type { WorkflowPageData } from './page.tsx';
import { restore } from './restore.server.ts';

export const meta: MetaFunction = () => [{ title: 'Versions · Armature' }];

export const loader = memberLoader(async ({ ctx, params, url }) => {
  const workflowId = params.workflowId ?? '';
  const asked = query(url, ['cursor', 'from', 'to']);
  const [from, to] = [id(asked.from), id(asked.to)];
  const [list, found] = await Promise.all([
    listVersions(ctx, { workflowId, limit: 25, ...(asked.cursor && { cursor: asked.cursor }) }),
    from && to
      ? Promise.all([
          getWorkflowVersion(ctx, { workflowId, versionId: to, compareWith: from }),
          getWorkflow(ctx, { workflowId }),
        ])
      : null,
  ]);
  if (found === null) return { ...list, compared: null };
  const [{ version, previous, changes, definition }, { server, authProfiles }] = found;
  return {
    ...list,
    compared: {
      from: previous?.number ?? 0,
      to: version.number,
      changes: toReadableDiff(changes, { server, authProfiles, timezone: definition.timezone }),
    },
  };
});

export const action = memberAction(async ({ ctx, form, params }) => {
  if (text(form, 'intent') !== 'restore')
    throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  return restore(ctx, params.workflowId ?? '', form);
});

type Version = ReturnType<typeof useLoaderData<typeof loader>>['versions'][number];

export default function Versions() {
  const { versions, activeVersionId, nextCursor, compared } = useLoaderData<typeof loader>();
  const page = useRouteLoaderData<WorkflowPageData>('routes/workflows/workflow/page');
  const answer = useActionData<typeof action>();
  const pageUrl = `/o/${useParams().org}/workflows/${useParams().workflowId}`;
  const mayRestore = page?.mayEdit === true && page.workflow.state !== 'archived';
  return (
    <div className="space-y-6">
      {answer && 'problem' in answer ? <ErrorSummary problem={answer.problem} /> : null}
      {versions.length > 1 ? <Compare versions={versions} activeVersionId={activeVersionId} /> : null}
      {compared ? (
        <Card title={`From version ${compared.from} to version ${compared.to}`}>
          <DefinitionDiff diff={compared.changes} />
        </Card>
      ) : null}
      <Card flush>
        <DataTable
          label="Versions"
          rows={versions}
          rowKey={(version) => version.id}
          to={(version) => `${pageUrl}/versions/${version.id}`}
          columns={[
            {
              key: 'version',
              head: 'Version',
              phone: 'title',
              cell: (version) => (
                <>
                  <span className="mr-2">Version {version.number}</span>
                  {version.id === activeVersionId ? <StateLabel>Active</StateLabel> : null}
                </>
              ),
            },
            { key: 'changed', head: 'Changed', cell: describeChange },
            { key: 'by', head: 'Saved by', cell: ({ createdByName }) => createdByName },
            { key: 'at', head: 'Saved', align: 'right', cell: ({ createdAt }) => <Time at={createdAt} relative /> },
            ...(mayRestore
              ? [
                  {
                    key: 'restore',
                    head: 'Actions',
                    align: 'right' as const,
                    cell: (version: Version) =>
                      version.id === activeVersionId ? (
                        ''
                      ) : (
                        <Form method="post" className={aboveRow}>
                          <input type="hidden" name="versionId" value={version.id} />
                          <input type="hidden" name="baseVersionId" value={activeVersionId} />
                          <Button
                            variant="quiet"
                            name="intent"
                            value="restore"
                            aria-label={`Restore version ${version.number}`}
                          >
                            Restore
                          </Button>
                        </Form>
                      ),
                  },
                ]
              : []),
          ]}
        />
      </Card>
      <Pager nextCursor={nextCursor} />
      {answer && 'done' in answer ? (
        <Toast key={answer.at} message={answer.done} {...(answer.undo && { undo: { fields: answer.undo } })} />
      ) : null}
    </div>
  );
}

const describeChange = ({ number, changed }: Version): string =>
  changed.length > 0 ? changed.map(fieldName).join(', ') : number === 1 ? 'First version' : '';

/** Any two of the versions on this page. */
function Compare({ versions, activeVersionId }: { versions: Version[]; activeVersionId: string }) {
  const [search] = useSearchParams();
  const [first, second] = versions;
  const options = versions.map(({ id, number }) => (
    <option key={id} value={id}>
      Version {number}
      {id === activeVersionId ? ' (active)' : ''}
    </option>
  ));
  return (
    <Form method="get" className="flex flex-wrap items-end gap-3" preventScrollReset key={search.toString()}>
      {search.get('cursor') ? <input type="hidden" name="cursor" value={search.get('cursor') ?? ''} /> : null}
      <SelectField label="Compare" name="from" defaultValue={search.get('from') ?? second?.id}>
        {options}
      </SelectField>
      <SelectField label="with" name="to" defaultValue={search.get('to') ?? first?.id}>
        {options}
      </SelectField>
      <Button>Compare</Button>
      {search.get('from') ? (
        <LinkButton to="?" variant="quiet" preventScrollReset>
          Close comparison
        </LinkButton>
      ) : null}
    </Form>
  );
}
