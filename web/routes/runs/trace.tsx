import { getTrace } from '../../../services/run/reading/trace.ts';
import { memberLoader } from '../../shell/route.server.ts';

/** The events of a run after a given one, as JSON. The run page polls it while the run is running. */
export const loader = memberLoader(async ({ ctx, params, url }) => {
  const after = Number(url.searchParams.get('after') ?? -1);
  return Response.json(await getTrace(ctx, { runId: params.runId ?? '', afterSeq: after }));
});
