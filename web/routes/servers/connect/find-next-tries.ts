/** What to try after a failed test: a button's words, and the field that it changes. */
export type NextTry = { text: string; field: 'transport' | 'authKind' | 'url'; value: string };

type Failed = { kind: string; details: { status?: number | undefined } };

/** Statuses by which a server says that this is another transport than its own. */
const otherTransport = new Set([400, 404, 405, 406, 415]);

/** The tries that are likely to help, the best one first. */
export function findNextTries(
  { kind, details: { status } }: Failed,
  given: { transport: string; authKind: string; url: string },
): NextTry[] {
  const tries: NextTry[] = [];
  const isRefused = kind === 'auth' || status === 401 || status === 403;
  const host = URL.canParse(given.url) ? new URL(given.url).hostname : '';
  if (isRefused && given.authKind === 'none') {
    tries.push({ text: 'Add a bearer token', field: 'authKind', value: 'bearer' });
    tries.push({ text: 'Add an API key', field: 'authKind', value: 'api_key_header' });
  }
  // Servers on one's own machine often accept one of its two names only.
  if (status === 403 && host === '127.0.0.1')
    tries.unshift({ text: 'Try localhost', field: 'url', value: given.url.replace('127.0.0.1', 'localhost') });
  if (!isRefused && (kind === 'not_mcp' || (status !== undefined && otherTransport.has(status))))
    tries.push(
      given.transport === 'sse'
        ? { text: 'Try Streamable HTTP', field: 'transport', value: 'streamable_http' }
        : { text: 'Try SSE', field: 'transport', value: 'sse' },
    );
  return tries;
}
