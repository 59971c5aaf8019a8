import { exportAudit } from '../../../../services/audit/export.ts';
import { exportSecurityEvents } from '../../../../services/security-event/export.ts';
import { toFileResponse } from '../../../shell/file-response.server.ts';
import { memberLoader } from '../../../shell/route.server.ts';
import { readAuditFilters, readEventFilters } from './filters.ts';

/** The audit log as `audit.csv` or `audit.json`, the security events as `security.csv`, as their pages filter them. */
export const loader = memberLoader(async ({ ctx, url }) => {
  if (url.pathname.endsWith('/security.csv'))
    return toFileResponse(await exportSecurityEvents(ctx, readEventFilters(url)));
  const format = url.pathname.endsWith('.json') ? 'json' : 'csv';
  return toFileResponse(await exportAudit(ctx, { ...readAuditFilters(url), format }));
});
