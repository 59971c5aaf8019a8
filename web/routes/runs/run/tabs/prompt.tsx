import { useLoaderData, useParams } from 'react-router';
import { getRun } from '../../../../../services/run/reading/get.ts';
import { getWorkflowVersion } from '../../../../../services/workflow/reading/get-version.ts';
import { memberLoader } from '../../../../shell/route.server.ts';
import { TextLink } from '../../../../ui/base/button.tsx';
import { CodeBlock } from '../../../../ui/base/code-block.tsx';

export const loader = memberLoader(async ({ ctx, params }) => {
  const { workflow, version } = await getRun(ctx, { runId: params.runId ?? '' });
  const found = await getWorkflowVersion(ctx, { workflowId: workflow.id, versionId: version.id });
  const { prompt, description } = found.definition;
  return { prompt, description, workflowId: workflow.id, version };
});

/** What the agent was asked to do. */
export default function Prompt() {
  const { prompt, description, workflowId, version } = useLoaderData<typeof loader>();
  const { org } = useParams();
  return (
    <div className="space-y-4">
      {description ? <p className="max-w-prose">{description}</p> : null}
      <CodeBlock label={`Prompt of version ${version.number}`}>{prompt}</CodeBlock>
      <p className="text-table text-muted">
        <TextLink to={`/o/${org}/workflows/${workflowId}/versions/${version.id}`}>
          All of version {version.number}
        </TextLink>
      </p>
    </div>
  );
}
