import { exportUsage } from '../../../../services/usage/export.ts';
import { toFileResponse } from '../../../shell/file-response.server.ts';
import { query } from '../../../shell/query.ts';
import { memberLoader } from '../../../shell/route.server.ts';

/** The usage of a month as CSV. */
export const loader = memberLoader(async ({ ctx, url }) => {
  const { month } = query(url, ['month']);
  const { name, csv } = await exportUsage(ctx, { ...(month && { month }) });
  return toFileResponse({ name, contentType: 'text/csv', chunks: [csv] });
});
