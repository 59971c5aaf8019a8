import { Form, type MetaFunction, useLoaderData, useParams, useRouteLoaderData } from 'react-router';
import { ArmatureError } from '../../../../domain/error/error.ts';
import { getWorkflow } from '../../../../services/workflow/reading/get.ts';
import { getWorkflowVersion } from '../../../../services/workflow/reading/get-version.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button, LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { Toast } from '../../../ui/overlay/toast.tsx';
import { DefinitionDiff } from '../definition/diff.tsx';
import { toReadable, toReadableDiff } from '../definition/named.server.ts';
import { DefinitionView } from '../definition/view.tsx';
import type { WorkflowPageData } from './page.tsx';
import { restore } from './restore.server.ts';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Version ${loaderData?.version.number ?? ''} of ${loaderData?.name ?? 'a workflow'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params }) => {
  const workflowId = params.workflowId ?? '';
  const [{ version, definition, previous, changes }, { server, authProfiles }] = await Promise.all([
    getWorkflowVersion(ctx, { workflowId, versionId: params.versionId ?? '' }),
    getWorkflow(ctx, { workflowId }),
  ]);
  return {
    version,
    previous,
    name: definition.name,
    definition: toReadable(definition, { server, authProfiles }),
    changes: toReadableDiff(changes, { server, authProfiles, timezone: definition.timezone }),
  };
});

export const action = memberAction(async ({ ctx, form, params }) => {
  if (text(form, 'intent') !== 'restore')
    throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  return restore(ctx, params.workflowId ?? '', form);
});

export default function Version() {
  const { version, definition, previous, changes } = useLoaderData<typeof loader>();
  const page = useRouteLoaderData<WorkflowPageData>('routes/workflows/workflow/page');
  const answer = useActionData<typeof action>();
  const pageUrl = `/o/${useParams().org}/workflows/${useParams().workflowId}`;
  const isActive = version.id === page?.version.id;
  return (
    <div className="space-y-6">
      {answer && 'problem' in answer ? <ErrorSummary problem={answer.problem} /> : null}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h2 className="font-semibold text-base">Version {version.number}</h2>
        {isActive ? <StateLabel>Active</StateLabel> : null}
        <span className="flex-1 text-muted text-sm">
          Saved <Time at={version.createdAt} relative />
        </span>
        {isActive || !page ? null : (
          <LinkButton to={`${pageUrl}/versions?from=${version.id}&to=${page.version.id}`}>
            Compare with active
          </LinkButton>
        )}
        {page?.mayEdit && !isActive && page.workflow.state !== 'archived' ? (
          <Form method="post">
            <input type="hidden" name="versionId" value={version.id} />
            <input type="hidden" name="baseVersionId" value={page.version.id} />
            <Button name="intent" value="restore">
              Restore version {version.number}
            </Button>
          </Form>
        ) : null}
      </div>
      {previous ? (
        <Card title={`Changes since version ${previous.number}`}>
          <DefinitionDiff diff={changes} />
        </Card>
      ) : null}
      <Card title="Definition">
        <DefinitionView definition={definition} />
      </Card>
      {answer && 'done' in answer ? (
        <Toast key={answer.at} message={answer.done} {...(answer.undo && { undo: { fields: answer.undo } })} />
      ) : null}
    </div>
  );
}
