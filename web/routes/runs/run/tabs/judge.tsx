import { useLoaderData } from 'react-router';
import { getRunArtifacts } from '../../../../../services/run/reading/artifacts.ts';
import { query } from '../../../../shell/query.ts';
import { memberLoader } from '../../../../shell/route.server.ts';
import { Card } from '../../../../ui/base/card.tsx';
import { CodeBlock } from '../../../../ui/base/code-block.tsx';
import { CodeText } from '../../../../ui/base/code-text.tsx';
import { Pager } from '../../../../ui/data/pager.tsx';

export const loader = memberLoader(async ({ ctx, params, url }) => {
  const { cursor } = query(url, ['cursor']);
  const runId = params.runId ?? '';
  const { judge, nextCursor } = await getRunArtifacts(ctx, { runId, cursor: cursor ?? 'criterion-0' });
  return { judge, nextCursor };
});

/** What the judge was asked for each criterion, and what it answered. */
export default function Judge() {
  const { judge, nextCursor } = useLoaderData<typeof loader>();
  return (
    <div className="space-y-4">
      {judge.length === 0 ? (
        <p className="text-muted">No judge was asked: assertions are graded by code, and the others when a run ends.</p>
      ) : null}
      {judge.map(({ criterionId, text, model, request, response, truncated }) => (
        <Card key={criterionId} title={<CodeText text={text} />} aside={<span className="text-muted">{model}</span>}>
          <div className="space-y-4">
            <CodeBlock label="The judge answered">{response}</CodeBlock>
            <CodeBlock label="The judge was asked">{request}</CodeBlock>
            {truncated ? (
              <p className="text-xs text-muted">
                Long texts are cut in the middle. The export as JSON has all of them.
              </p>
            ) : null}
          </div>
        </Card>
      ))}
      <Pager nextCursor={nextCursor} />
    </div>
  );
}
