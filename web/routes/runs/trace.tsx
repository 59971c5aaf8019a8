import { getTrace } from '../../../services/run/trace.ts';
import { memberLoader } from '../../handle.server.ts';

/** What a run did after an event, as JSON: the run's page asks for it while the run goes on. */
export const loader = memberLoader(async ({ ctx, params, url }) => {
  const after = Number(url.searchParams.get('after') ?? -1);
  return Response.json(await getTrace(ctx, { runId: params.runId ?? '', afterSeq: after }));
});
