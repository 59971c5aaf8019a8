import type { ServerView } from '../../../../services/server/view.ts';
import { toHeaderLines } from '../connect/header-lines.ts';

export type ServerValues = {
  name: string;
  url: string;
  transport: string;
  headers: string;
  maxConcurrency: string;
  syncEveryMinutes: string;
};

/** A server as its form shows it: names of secret values, never the values. */
export function toFormValues(
  server: Pick<
    ServerView,
    'name' | 'url' | 'transport' | 'queryNames' | 'headerNames' | 'maxConcurrency' | 'syncEveryMinutes'
  >,
): ServerValues {
  const query = server.queryNames.map((name) => `${encodeURIComponent(name)}=`).join('&');
  return {
    name: server.name,
    url: query ? `${server.url}?${query}` : server.url,
    transport: server.transport,
    headers: toHeaderLines(server.headerNames),
    maxConcurrency: String(server.maxConcurrency),
    syncEveryMinutes: String(server.syncEveryMinutes),
  };
}
