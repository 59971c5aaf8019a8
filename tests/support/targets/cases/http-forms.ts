import { type Case, type Context, fails, fault, ok, replyHttp } from './case.ts';

const json = { 'content-type': 'application/json' };

/** Redirects a POST until its path ends with a slash. */
const redirect = (status: number, to?: string): Case['server'] => ({
  gate: ({ request, response }) => {
    const url = request.url ?? '/';
    if (url.endsWith('/')) return false;
    response.writeHead(status, { location: to ?? `${url}/` }).end();
    return true;
  },
});

const refuseUnless = (isFine: (context: Context) => boolean, status: number): Case['server'] => ({
  gate: (context) => {
    if (context.request.method !== 'POST' || isFine(context)) return false;
    replyHttp(status, {})(context);
    return true;
  },
});

/** What HTTP is like around a correct message. */
export const httpForms: { [name: string]: Case } = {
  plain: { server: {}, call: ok({ text: 'called x' }) },
  'json-charset': { server: { wire: { contentType: 'application/json; charset=utf-8' } } },
  'json-upper-case': { server: { wire: { contentType: 'Application/JSON' } } },
  'json-other-charset': { server: { wire: { contentType: 'application/json;charset=ISO-8859-1' } } },
  'no-content-type': {
    server: { wire: { contentType: null } },
    probe: fails('protocol_error', 'initialize', 'without a content type'),
    older: 'fails',
  },
  'text-plain': {
    server: { wire: { contentType: 'text/plain' } },
    probe: fails('protocol_error', 'initialize', 'text/plain'),
    older: 'fails',
  },
  'json-rpc-type': {
    server: { wire: { contentType: 'application/json-rpc' } },
    probe: fails('protocol_error', 'initialize', 'application/json-rpc'),
    older: 'fails',
  },
  'vendor-json': {
    server: { wire: { contentType: 'application/vnd.api+json' } },
    probe: fails('protocol_error', 'initialize', 'application/vnd.api+json'),
    older: 'fails',
  },
  'events-charset': { server: { wire: { asEvents: true, contentType: 'text/event-stream; charset=utf-8' } } },
  'events-upper-case': {
    server: { wire: { asEvents: true, contentType: 'Text/Event-Stream;charset=UTF-8' } },
  },
  'events-comments': {
    server: { wire: { asEvents: true, change: (s) => `: wait\n\n:\n\n: ping - 7\n\n${s}: bye\n\n` } },
  },
  'events-crlf': { server: { wire: { asEvents: true, change: (s) => s.replaceAll('\n', '\r\n') } } },
  'events-cr': {
    server: { wire: { asEvents: true, change: (s) => s.replaceAll('\n', '\r') } },
    older: 'fails',
  },
  'events-without-name': { server: { wire: { asEvents: true, change: (s) => s.replace('event: message\n', '') } } },
  'events-two-data-lines': {
    server: { wire: { asEvents: true, change: (s) => s.replace('"2.0",', '"2.0",\ndata: ') } },
  },
  'events-byte-order-mark': { server: { wire: { asEvents: true, change: (s) => `\ufeff${s}` } } },
  'events-priming': { server: { wire: { asEvents: true, change: (s) => `id: 1\ndata: \n\n${s}` } } },
  'events-retry': { server: { wire: { asEvents: true, change: (s) => `id: a-0\nretry: 500\ndata:\n\n${s}` } } },
  'events-other-names': {
    server: { wire: { asEvents: true, change: (s) => `event: ping\ndata: {}\n\nevent: beat\ndata: hi\n\n${s}` } },
  },
  'events-unfinished': {
    server: { wire: { asEvents: true, change: (s) => s.replace(/\n\n$/, '\n') } },
    probe: fails('protocol_error', 'initialize', 'ended', 'no blank line'),
    older: 'fails',
  },
  'events-done-mark': { server: { wire: { asEvents: true, change: (s) => `${s}data: [DONE]\n\n` } } },
  'events-unknown-field': { server: { wire: { asEvents: true, change: (s) => `topic: a\nid: 7\n${s}` } } },
  'json-byte-order-mark': { server: { wire: { change: (s) => `\ufeff${s}` } } },
  'json-spaced': { server: { wire: { change: (s) => `\n\n  ${s}\n\n` } } },
  'json-batch': { server: { wire: { change: (s) => `[${s}]` } } },
  'json-batch-with-notification': {
    server: {
      wire: {
        change: (s) => `[{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}},${s}]`,
      },
    },
  },
  'gzip-unasked': { server: { wire: { encoding: 'gzip' } } },
  'brotli-unasked': { server: { wire: { encoding: 'br' } } },
  'events-gzip': { server: { wire: { asEvents: true, encoding: 'gzip' } } },
  'slow-chunks': { server: { wire: { pauseMs: 10 } } },
  'slow-event-chunks': { server: { wire: { asEvents: true, pauseMs: 10 } } },
  'status-201': { server: { wire: { status: 201 } } },
  'status-203': { server: { wire: { status: 203 } } },
  'needs-both-accepted': {
    server: refuseUnless(({ request: { headers } }) => /json.*event-stream/.test(String(headers.accept)), 406),
  },
  'needs-exact-accept': {
    server: refuseUnless(({ request: { headers } }) => headers.accept === 'application/json, text/event-stream', 406),
  },
  'needs-user-agent': { server: refuseUnless(({ request: { headers } }) => headers['user-agent'] !== undefined, 403) },
  'cookie-affinity': {
    server: {
      gate: ({ request, response, message }) => {
        if (message.method === 'initialize') response.setHeader('set-cookie', 'node=a; Path=/');
        if (message.method !== 'tools/list' || request.headers.cookie !== undefined) return false;
        response.writeHead(400, json).end(JSON.stringify(fault(message.id, -32000, 'Affinity cookie is missing')));
        return true;
      },
    },
    probe: fails('rpc_error', 'tools/list', 'Affinity cookie is missing', '400'),
    older: 'fails',
  },
  'redirect-307': { server: redirect(307) },
  'redirect-308': { server: redirect(308) },
  'redirect-301': {
    server: redirect(301),
    probe: fails('http_status', 'initialize', '301', '/redirect-301/'),
    older: 'fails',
  },
  'redirect-302': {
    server: redirect(302, '/login?next=secret'),
    probe: fails('http_status', 'initialize', '302', '/login'),
    older: 'fails',
  },
  'redirect-303': {
    server: redirect(303),
    probe: fails('http_status', 'initialize', '303', '/redirect-303/'),
    older: 'fails',
  },
  'redirect-elsewhere': {
    server: redirect(307, 'http://localhost:1/mcp?token=abc'),
    probe: fails('blocked', 'http://localhost:1/mcp'),
    older: 'fails',
  },
  'redirect-to-nowhere': {
    server: redirect(302, 'mailto:ops@example.com'),
    probe: fails('blocked', 'mailto:'),
    older: 'fails',
  },
  ...Object.fromEntries(
    [
      [200, 'application/json', ''],
      [200, 'text/plain', 'ok'],
      [200, 'application/json', '{}'],
      [204, undefined, ''],
      [202, 'application/json', '{"status":"accepted"}'],
      [200, 'application/json', 'null'],
      [200, 'application/json', '{"jsonrpc":"2.0","id":null,"result":{}}'],
      [200, 'text/event-stream', ': hi\n\n'],
    ].map(([status, contentType, body], index): [string, Case] => [
      `notification-answer-${index + 1}`,
      {
        server: {
          notifications: {
            status: Number(status),
            ...(contentType !== undefined && { contentType: String(contentType) }),
            body: String(body),
          },
        },
      },
    ]),
  ),
  'notification-400': {
    server: { notifications: { status: 400, contentType: 'application/json', body: '{"error":"unsupported"}' } },
    probe: fails('http_status', 'notifications/initialized', '400', 'unsupported'),
    older: 'fails',
  },
  'notification-500': {
    server: { notifications: { status: 500, contentType: 'text/plain', body: 'boom' } },
    probe: fails('http_status', 'notifications/initialized', '500', 'boom'),
    older: 'fails',
  },
};
