import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { type Listening, serve } from '../http.ts';
import { answer, asEvent, type Context, fault, type Received, type Reply, type Server, text, tool } from './case.ts';

const Message = z.looseObject({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});

type State = {
  sessions: Map<string, number>;
  waiting: Map<string, (reply: unknown) => void>;
  getStream: Context['getStream'];
};

/** Serves each case at `/<name>`, over Streamable HTTP. */
export async function serveCases(cases: { [name: string]: { server: Server } }): Promise<Listening> {
  const states = new Map<string, State>();
  return serve((request, response) => {
    const name = new URL(request.url ?? '/', 'http://local').pathname.split('/')[1] ?? '';
    const found = cases[name];
    if (!found) return response.writeHead(404).end('no such case');
    const state = states.get(name) ?? { sessions: new Map(), waiting: new Map(), getStream: {} };
    states.set(name, state);
    return void handle(found.server, { name, request, response, state }).catch((error) => response.destroy(error));
  });
}

type Exchange = { name: string; request: IncomingMessage; response: ServerResponse; state: State };

async function handle(server: Server, { name, request, response, state }: Exchange): Promise<void> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  const message: Received = body === '' ? {} : Message.parse(JSON.parse(body));
  const context: Context = {
    request,
    response,
    message,
    replyTo: (id) => new Promise((resolve) => state.waiting.set(String(id), resolve)),
    getStream: state.getStream,
  };
  if (server.gate?.(context)) return;
  if (request.method === 'GET' && server.get) return server.get(context);
  if (request.method !== 'POST') return void response.writeHead(405).end();
  if (message.method === undefined) {
    state.waiting.get(String(message.id))?.(message.result ?? message.error);
    return void response.writeHead(202).end();
  }
  if (server.session && (await refuseSession(server, server.session, context, state))) return;
  if (message.id === undefined) {
    const { status, contentType, body = '' } = server.notifications ?? { status: 202 };
    return void response.writeHead(status, contentType === undefined ? {} : { 'content-type': contentType }).end(body);
  }
  const reply = server.on?.[message.method] ?? ordinary(name, server)[message.method] ?? server.on?.['*'] ?? unknown;
  const said = await reply(context);
  if (said !== undefined) await send(server, context, said);
}

const unknown: Reply = ({ message: { id, method } }) => fault(id, -32601, `Method not found: ${method}`);

const knownRevisions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

const ordinary = (name: string, { tools = [tool('x')], initialize, result }: Server): { [method: string]: Reply } => ({
  initialize: ({ message: { id, params } }) => {
    const asked = String(params?.protocolVersion);
    return answer(id, {
      protocolVersion: knownRevisions.includes(asked) ? asked : '2025-06-18',
      capabilities: { tools: {} },
      serverInfo: { name, version: '1' },
      ...initialize,
    });
  },
  ping: ({ message: { id } }) => answer(id, {}),
  'tools/list': ({ message: { id } }) => answer(id, { tools }),
  'tools/call': ({ message: { id, params } }) => answer(id, result ?? text(`called ${params?.name}`)),
});

/** @returns whether the request was refused because its session is gone */
async function refuseSession(
  server: Server,
  { requests = Number.POSITIVE_INFINITY, lost }: NonNullable<Server['session']>,
  context: Context,
  { sessions }: State,
): Promise<boolean> {
  const { request, response, message } = context;
  const given = request.headers['mcp-session-id'];
  if (message.method === 'initialize') {
    const id = randomUUID();
    sessions.set(id, 0);
    response.setHeader('mcp-session-id', id);
    return false;
  }
  if (message.method === 'server/discover' && given === undefined) return false;
  const used = typeof given === 'string' ? sessions.get(given) : undefined;
  if (used !== undefined && (message.id === undefined || used < requests)) {
    if (message.id !== undefined && typeof given === 'string') sessions.set(given, used + 1);
    return false;
  }
  if (typeof given === 'string') sessions.delete(given);
  const said = await (lost ?? lostBy404)(context);
  if (said !== undefined) await send(server, context, said);
  return true;
}

const lostBy404: Reply = ({ message, response }) => {
  response.writeHead(404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(fault(message.id ?? null, -32001, 'Session not found')));
};

async function send({ wire = {} }: Server, { response, message }: Context, said: unknown): Promise<void> {
  const { status = 200, asEvents = false, encoding, pauseMs, change = (same) => same } = wire;
  const { contentType = asEvents ? 'text/event-stream' : 'application/json' } = wire;
  const plain = Buffer.from(change(asEvents ? asEvent(said) : JSON.stringify(said), message));
  const body = encoding === 'gzip' ? gzipSync(plain) : encoding === 'br' ? brotliCompressSync(plain) : plain;
  response.writeHead(status, {
    ...(contentType !== null && { 'content-type': contentType }),
    ...(encoding && { 'content-encoding': encoding }),
  });
  if (pauseMs !== undefined) {
    const size = Math.ceil(body.length / 8);
    for (let at = 0; at < body.length; at += size) {
      response.write(body.subarray(at, at + size));
      await sleep(pauseMs);
    }
    response.end();
  } else response.end(body);
}
