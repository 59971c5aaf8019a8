import { securityEventKinds, securityEventOutcomes } from '../../../../services/security-event/log.ts';
import { pickOne, query } from '../../../shell/query.ts';

const day = /^\d{4}-\d{2}-\d{2}$/;
const dayMs = 86_400_000;

/** Days of the address as times: from the beginning of the first to the end of the last, in UTC. */
function readDays(url: URL): { after?: string; before?: string } {
  const { from, until } = query(url, ['from', 'until']);
  const toTime = (text: string | undefined) =>
    text && day.test(text) && !Number.isNaN(Date.parse(text)) ? Date.parse(text) : null;
  const [start, end] = [toTime(from), toTime(until)];
  return {
    ...(start !== null && { after: new Date(start).toISOString() }),
    ...(end !== null && { before: new Date(end + dayMs).toISOString() }),
  };
}

export function readAuditFilters(url: URL) {
  const { actor, action, subject } = query(url, ['actor', 'action', 'subject']);
  return { ...(actor && { actor }), ...(action && { action }), ...(subject && { subject }), ...readDays(url) };
}

export function readEventFilters(url: URL) {
  const given = query(url, ['kind', 'outcome', 'user']);
  const kind = pickOne(given.kind, securityEventKinds);
  const outcome = pickOne(given.outcome, securityEventOutcomes);
  return {
    ...(kind && { kind }),
    ...(outcome && { outcome }),
    ...(given.user && { user: given.user }),
    ...readDays(url),
  };
}
