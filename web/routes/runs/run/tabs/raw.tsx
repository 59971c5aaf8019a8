import { useLoaderData, useParams } from 'react-router';
import { listTraceEvents } from '../../../../../services/run/reading/entries.ts';
import { query } from '../../../../shell/query.ts';
import { memberLoader } from '../../../../shell/route.server.ts';
import { Card } from '../../../../ui/base/card.tsx';
import { Clock } from '../../../../ui/base/time.tsx';
import { JsonTree } from '../../../../ui/data/json-tree.tsx';
import { Pager } from '../../../../ui/data/pager.tsx';
import { isJson } from '../json.ts';

export const loader = memberLoader(async ({ ctx, params, url }) => {
  const { cursor } = query(url, ['cursor']);
  const runId = params.runId ?? '';
  const { rows, nextCursor } = await listTraceEvents(ctx, { runId, limit: 25, ...(cursor && { cursor }) });
  return { events: rows, nextCursor };
});

/** The recorded events as they are stored, and the whole record as files. */
export default function Raw() {
  const { events, nextCursor } = useLoaderData<typeof loader>();
  const { org, runId } = useParams();
  const download = `/o/${org}/runs/${runId}/download`;
  return (
    <div className="space-y-4">
      <p className="flex flex-wrap gap-x-4 text-table">
        <a href={download} download className="text-accent underline">
          Export as JSON
        </a>
        <a href={`${download}?format=otlp`} download className="text-accent underline">
          Export as OpenTelemetry
        </a>
      </p>
      <Card flush title="Events">
        {events.length === 0 ? <p className="p-4 text-muted">No events were recorded.</p> : null}
        <ol className="divide-y divide-line">
          {events.map((event) => (
            <li key={event.id} className="space-y-1 px-4 py-3">
              <p className="text-xs text-muted">
                {event.seq}. <Clock at={event.at} />
              </p>
              {isJson(event) ? <JsonTree label={`Event ${event.seq}`} value={event} openDepth={1} /> : null}
            </li>
          ))}
        </ol>
      </Card>
      <Pager nextCursor={nextCursor} />
    </div>
  );
}
