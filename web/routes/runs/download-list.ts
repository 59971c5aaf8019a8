import { exportRuns } from '../../../services/run/export/export-runs.ts';
import { toFileResponse } from '../../shell/file-response.server.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { readRunFilters } from './filters.ts';

/** The list of runs, with the filters of its page, as CSV. */
export const loader = memberLoader(async ({ ctx, url }) => toFileResponse(await exportRuns(ctx, readRunFilters(url))));
