import { getOutline } from '../../../services/run/trace/outline.ts';
import { getTraceStep } from '../../../services/run/trace/trace-step.ts';
import { memberLoader } from '../../shell/route.server.ts';

/** The steps of a run as JSON, or with `?step=<number of its first event>` all that was said in one. */
export const loader = memberLoader(async ({ ctx, params: { runId = '' }, url }) => {
  const step = url.searchParams.get('step');
  return Response.json(
    step === null ? await getOutline(ctx, { runId }) : await getTraceStep(ctx, { runId, seq: Number(step) }),
  );
});
