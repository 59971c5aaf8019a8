import { exportRun } from '../../../services/run/export/export-run.ts';
import { exportTrace } from '../../../services/run/export/export-trace.ts';
import { toFileResponse } from '../../shell/file-response.server.ts';
import { memberLoader } from '../../shell/route.server.ts';

/** A run as a file: `?format=otlp` as a trace, else its whole record as JSON. */
export const loader = memberLoader(async ({ ctx, params: { runId = '' }, url }) => {
  const write = url.searchParams.get('format') === 'otlp' ? exportTrace : exportRun;
  return toFileResponse(await write(ctx, { runId }));
});
