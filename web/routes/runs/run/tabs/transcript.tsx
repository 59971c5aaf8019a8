import { useLoaderData } from 'react-router';
import { getRunArtifacts } from '../../../../../services/run/reading/artifacts.ts';
import { query } from '../../../../shell/query.ts';
import { memberLoader } from '../../../../shell/route.server.ts';
import { Card } from '../../../../ui/base/card.tsx';
import { CodeBlock } from '../../../../ui/base/code-block.tsx';
import { JsonTree } from '../../../../ui/data/json-tree.tsx';
import { Pager } from '../../../../ui/data/pager.tsx';
import { outcomeLabels } from '../../labels.ts';
import { isJson, parseJson } from '../json.ts';

export const loader = memberLoader(async ({ ctx, params, url }) => {
  const { cursor } = query(url, ['cursor']);
  const runId = params.runId ?? '';
  const { transcript, nextCursor } = await getRunArtifacts(ctx, { runId, ...(cursor && { cursor }) });
  // Judgements, which follow the turns, have a page of their own.
  return { turns: transcript, nextCursor: nextCursor?.startsWith('turn-') ? nextCursor : null };
});

/** What the model wrote in each turn, and what its calls answered. */
export default function Transcript() {
  const { turns, nextCursor } = useLoaderData<typeof loader>();
  if (turns.length === 0) return <p className="text-muted">The model has not answered yet, or was never asked.</p>;
  return (
    <div className="space-y-4">
      {turns.map(({ eventId, turn, content, toolCalls, answers, truncated }) => (
        <Card key={eventId} title={`Model turn ${turn}`}>
          <div className="space-y-4">
            {content ? <CodeBlock label="The model wrote">{content}</CodeBlock> : null}
            {typeof toolCalls === 'string' ? <CodeBlock label="Requested calls">{toolCalls}</CodeBlock> : null}
            {answers.map(({ id, tool, arguments: args, outcome, result, error }) => (
              <section key={id} className="space-y-2 border-line border-l-2 pl-3">
                <h3 className="font-medium">
                  {id.replace('-', ' ').replace(/^c/, 'C')} {tool}
                  <span className="ml-2 font-normal text-muted">{outcomeLabels[outcome].text}</span>
                </h3>
                <Value label={`Arguments of ${id.replace('-', ' ')}`} value={args} />
                {result === undefined ? null : <Value label={`Result of ${id.replace('-', ' ')}`} value={result} />}
                {error ? <p className="text-fail">{error}</p> : null}
              </section>
            ))}
            {truncated ? <p className="text-xs text-muted">Long texts are cut. The trace has all of a call.</p> : null}
          </div>
        </Card>
      ))}
      <Pager nextCursor={nextCursor} />
    </div>
  );
}

function Value({ label, value }: { label: string; value: unknown }) {
  const shown = typeof value === 'string' ? parseJson(value) : value;
  return typeof shown === 'object' && isJson(shown) ? (
    <JsonTree label={label} value={shown} openDepth={1} />
  ) : (
    <CodeBlock label={label}>{String(value)}</CodeBlock>
  );
}
