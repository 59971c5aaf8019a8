import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Listening, serve } from './http.ts';

/** An MCP server that does everything as the specification says, in both eras. It keeps what it was asked. */
export type Conforming = Listening & { url: string; asked: { method: string; tool?: string; token?: string }[] };

type Json = { [member: string]: unknown };
type Options = {
  /** Requests need this token, and OAuth metadata says where to get one. */
  token?: string;
  eras?: readonly ('session' | 'stateless')[];
  tools?: readonly Json[];
};

const revisions = ['2025-11-25', '2025-06-18', '2025-03-26'];
const modern = '2026-07-28';
const key = (name: string): string => `io.modelcontextprotocol/${name}`;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const goodTools: readonly Json[] = [
  {
    name: 'find_product',
    description: 'Returns the products of the shop whose title contains a word. Use it before you order something.',
    inputSchema: {
      type: 'object',
      properties: { word: { type: 'string', description: 'A word of the title, such as mug.' } },
      required: ['word'],
    },
    outputSchema: { type: 'object', properties: { count: { type: 'integer' } } },
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  {
    name: 'list_shelves',
    description: 'Returns all shelves with the number of products on each.',
    inputSchema: { type: 'object', properties: {} },
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  {
    name: 'empty_shelf',
    description: 'Takes all products off a shelf and puts them back into the store room.',
    inputSchema: {
      type: 'object',
      properties: { shelf: { type: 'string', description: 'The letter of the shelf.', 'x-mcp-header': 'Shelf' } },
      required: ['shelf'],
    },
    annotations: { readOnlyHint: false, destructiveHint: true },
  },
];
const capabilities = { tools: {}, resources: {}, prompts: {}, logging: {} };
const serverInfo = { name: 'conforming', version: '1.0.0' };
const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

class Refusal extends Error {
  readonly status: number;
  readonly code: number;
  readonly data: unknown;
  constructor(status: number, code: number, message: string, data?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.data = data;
  }
}

export async function startConforming(options: Options = {}): Promise<Conforming> {
  const { token, eras = ['session', 'stateless'], tools = goodTools } = options;
  const sessions = new Set<string>();
  const asked: Conforming['asked'] = [];
  let origin = '';

  /** What both eras answer alike. */
  function answer(method: string, params: Json, isModern: boolean): Json {
    const first = (member: string, items: readonly Json[]): Json => {
      if (params.cursor !== undefined) throw new Refusal(isModern ? 400 : 200, -32602, 'The cursor is unknown.');
      return { [member]: items };
    };
    const status = isModern ? 400 : 200;
    switch (method) {
      case 'tools/list':
        return first('tools', tools);
      case 'resources/list':
        return first('resources', [{ uri: 'shop://rules', name: 'rules' }]);
      case 'resources/templates/list':
        return first('resourceTemplates', [{ uriTemplate: 'shop://shelf/{letter}', name: 'shelf' }]);
      case 'prompts/list':
        return first('prompts', [{ name: 'tidy', arguments: [{ name: 'shelf', required: true }] }]);
      case 'resources/read':
        throw new Refusal(status, isModern ? -32602 : -32002, 'There is no such resource.');
      case 'prompts/get':
        throw new Refusal(status, -32602, 'There is no such prompt.');
      case 'tools/call': {
        const tool = tools.find(({ name }) => name === params.name);
        if (!tool) throw new Refusal(status, -32602, 'There is no such tool.');
        const given = isObject(params.arguments) ? params.arguments : {};
        const required = isObject(tool.inputSchema) ? tool.inputSchema.required : [];
        const missing = (Array.isArray(required) ? required : []).filter((name) => typeof given[name] !== 'string');
        if (missing.length > 0)
          return { content: [{ type: 'text', text: `${missing.join()} is missing.` }], isError: true };
        return { content: [{ type: 'text', text: '{"count":3}' }], structuredContent: { count: 3 } };
      }
      default:
        throw new Refusal(isModern ? 404 : 200, -32601, 'There is no such method.');
    }
  }

  function answerModern(method: string, params: Json, headers: IncomingMessage['headers']): Json {
    const meta = isObject(params._meta) ? params._meta : {};
    const version = meta[key('protocolVersion')];
    const mismatch = (what: string): Refusal => new Refusal(400, -32020, `The header ${what} differs from the body.`);
    if (headers['mcp-protocol-version'] !== version) throw mismatch('MCP-Protocol-Version');
    if (version !== modern)
      throw new Refusal(400, -32022, 'The version is not supported.', { supported: [modern], requested: version });
    if (headers['mcp-method'] !== method) throw mismatch('Mcp-Method');
    const name = method === 'prompts/get' || method === 'tools/call' ? params.name : params.uri;
    if (/^(prompts\/get|tools\/call|resources\/read)$/.test(method) && headers['mcp-name'] !== name)
      throw mismatch('Mcp-Name');
    if (!isObject(meta[key('clientCapabilities')]))
      throw new Refusal(400, -32602, 'The client capabilities are missing.');
    const result =
      method === 'server/discover' ? { supportedVersions: [modern], capabilities } : answer(method, params, true);
    const isCacheable = method === 'server/discover' || method.endsWith('/list');
    return {
      resultType: 'complete',
      ...result,
      ...(isCacheable && { ttlMs: 1000, cacheScope: 'private' }),
      _meta: { [key('serverInfo')]: serverInfo },
    };
  }

  function answerOlder(method: string, params: Json): Json {
    if (method === 'ping') return {};
    if (method === 'logging/setLevel') {
      if (!levels.includes(String(params.level))) throw new Refusal(200, -32602, 'There is no such level.');
      return {};
    }
    return answer(method, params, false);
  }

  function handle(
    request: IncomingMessage,
    text: string,
  ): { status: number; headers?: { [n: string]: string }; body?: Json } {
    const { headers, method: http } = request;
    if (headers.origin !== undefined) return { status: 403 };
    if (token !== undefined && headers.authorization !== `Bearer ${token}`) {
      asked.push({ method: 'refused', ...(headers.authorization && { token: headers.authorization }) });
      const error = headers.authorization === undefined ? '' : ', error="invalid_token"';
      const metadata = `${origin}/.well-known/oauth-protected-resource/mcp`;
      return {
        status: 401,
        headers: { 'www-authenticate': `Bearer resource_metadata="${metadata}", scope="shop"${error}` },
      };
    }
    const version = headers['mcp-protocol-version'];
    const session = headers['mcp-session-id'];
    const isKnown = typeof session === 'string' && sessions.has(session);
    if (http === 'DELETE' && version !== modern && typeof session === 'string')
      return { status: sessions.delete(session) ? 204 : 404 };
    if (http !== 'POST') return { status: 405, headers: { allow: 'POST' } };
    const fail = (status: number, code: number, message: string, id?: unknown, data?: unknown) => ({
      status,
      body: { jsonrpc: '2.0', id: id ?? null, error: { code, message, ...(data !== undefined && { data }) } },
    });
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return fail(400, -32700, 'The body is not JSON.');
    }
    if (!isObject(message) || typeof message.method !== 'string') return fail(400, -32600, 'This is not a request.');
    const { id, method } = message;
    const params = isObject(message.params) ? message.params : {};
    asked.push({ method, ...(method === 'tools/call' && { tool: String(params.name) }) });
    const meta = isObject(params._meta) ? params._meta : {};
    const isModern =
      eras.includes('stateless') &&
      (version === modern || key('protocolVersion') in meta || (version !== undefined && version > modern));
    try {
      if (isModern) {
        if (version === undefined) return fail(400, -32020, 'The header MCP-Protocol-Version is missing.', id);
        return { status: 200, body: { jsonrpc: '2.0', id, result: answerModern(method, params, headers) } };
      }
      if (!eras.includes('session'))
        return fail(400, -32022, `Only ${modern} is supported.`, id, { supported: [modern] });
      if (method === 'initialize') {
        const created = randomUUID();
        sessions.add(created);
        const agreed = revisions.find((revision) => revision === params.protocolVersion) ?? revisions[0];
        const result = { protocolVersion: agreed, capabilities, serverInfo, instructions: 'Tidy up.' };
        return { status: 200, headers: { 'mcp-session-id': created }, body: { jsonrpc: '2.0', id, result } };
      }
      if (session === undefined) return fail(400, -32600, 'The session id is missing.', id);
      if (!isKnown) return fail(404, -32001, 'The session is unknown.', id);
      if (version !== undefined && !revisions.some((revision) => revision === version))
        return fail(400, -32600, 'The version is not supported.', id);
      if (id === undefined) return { status: 202 };
      return { status: 200, body: { jsonrpc: '2.0', id, result: answerOlder(method, params) } };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return fail(error.status, error.code, error.message, id, error.data);
    }
  }

  function document(path: string): Json | null {
    if (token === undefined) return null;
    if (path === '/.well-known/oauth-protected-resource/mcp')
      return { resource: `${origin}/mcp`, authorization_servers: [origin] };
    if (path !== '/.well-known/oauth-authorization-server') return null;
    return {
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      registration_endpoint: `${origin}/register`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    };
  }

  /** A request for progress gets a stream. */
  const stream = (response: ServerResponse, token: unknown, body: Json): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    const progress = {
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: token, progress: 1 },
    };
    for (const message of [progress, body]) response.write(`id: ${randomUUID()}\ndata: ${JSON.stringify(message)}\n\n`);
    response.end();
  };
  const send = (
    response: ServerResponse,
    { status, headers = {}, body }: ReturnType<typeof handle>,
    text = '',
  ): void => {
    const [, token] = /"progressToken":"([^"]+)"/.exec(text) ?? [];
    if (token !== undefined && status === 200 && body) {
      stream(response, token, body);
      return;
    }
    response.writeHead(status, { ...headers, ...(body && { 'content-type': 'application/json' }) });
    response.end(body && JSON.stringify(body));
  };
  const server = await serve((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const found = document(pathname);
      if (pathname === '/mcp') send(response, handle(request, text), text);
      else send(response, found ? { status: 200, body: found } : { status: 404 });
    });
  });
  origin = server.origin;
  return { ...server, url: `${server.origin}/mcp`, asked };
}
