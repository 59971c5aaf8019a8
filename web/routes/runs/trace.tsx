import { getTrace } from '../../../services/run/reading/trace.ts';
import { memberLoader } from '../../shell/route.server.ts';

/** What a run did after an event, as JSON: the run's page asks for it while the run goes on. */
export const loader = memberLoader(async ({ ctx, params, url }) => {
  const after = Number(url.searchParams.get('after') ?? -1);
  return Response.json(await getTrace(ctx, { runId: params.runId ?? '', afterSeq: after }));
});
