import { runErrorKinds, shownStatuses, triggers } from '../../../domain/run/run.ts';
import { id, pickOne, query } from '../../shell/query.ts';

const ranges = ['24h', '7d', '30d'] as const;

/** The filters of the list of runs, as its address has them. */
export function readRunFilters(url: URL) {
  const asked = query(url, ['workflow', 'server', 'trigger', 'model', 'flagged', 'error', 'range', 'search']);
  const statuses = url.searchParams.getAll('status').flatMap((status) => pickOne(status, shownStatuses) ?? []);
  const [workflowId, serverId] = [id(asked.workflow), id(asked.server)];
  const [trigger, errorKind] = [pickOne(asked.trigger, triggers), pickOne(asked.error, runErrorKinds)];
  const range = pickOne(asked.range, ranges);
  const [model, search] = [asked.model?.slice(0, 200), asked.search?.trim().slice(0, 200)];
  return {
    ...(workflowId && { workflowId }),
    ...(serverId && { serverId }),
    ...(statuses.length > 0 && { status: [...new Set(statuses)] }),
    ...(trigger && { trigger }),
    ...(errorKind && { errorKind }),
    ...(range && { range }),
    ...(model && { model }),
    ...(search && { search }),
    ...(asked.flagged && { flagged: true }),
  };
}
