import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TargetErrorKind } from '../../../../agent/ports.ts';

/** A JSON-RPC message as a server receives it. */
export type Received = {
  id?: string | number | undefined;
  method?: string | undefined;
  params?: { [key: string]: unknown } | undefined;
  result?: unknown;
  error?: unknown;
};

export type Context = {
  request: IncomingMessage;
  response: ServerResponse;
  message: Received;
  /** Answers of the client to the server's own requests, by id. */
  replyTo(id: string | number): Promise<unknown>;
  /** The open GET stream of this case, if any. */
  getStream: { response?: ServerResponse };
};

/** Returns the message to send, or undefined if it has answered by itself. */
export type Reply = (context: Context) => unknown;

/** How a server differs from an ordinary one of the older era with the one tool `x`. */
export type Server = {
  /** Replies by JSON-RPC method. `*`: any method that the server doesn't know. */
  on?: { [method: string]: Reply };
  tools?: unknown;
  /** Changes of the result of `initialize`. */
  initialize?: { [member: string]: unknown };
  /** The result of `tools/call`. */
  result?: unknown;
  /** How an ordinary message becomes an HTTP answer. */
  wire?: {
    status?: number;
    contentType?: string | null;
    encoding?: 'gzip' | 'br';
    asEvents?: boolean;
    pauseMs?: number;
    change?: (text: string, message: Received) => string;
  };
  /** Sessions by `Mcp-Session-Id`; gone after so many requests. */
  session?: { requests?: number; lost?: Reply };
  notifications?: { status: number; contentType?: string; body?: string };
  get?: (context: Context) => void;
  /** Looks at each request first. Returns true if it has answered. */
  gate?: (context: Context) => boolean;
};

export type Outcome =
  | { ok: true; text?: string; isError?: boolean; notes?: string[] }
  | { ok: false; kind: TargetErrorKind; says: string[]; details?: { [name: string]: unknown } };

export type Case = {
  server: Server;
  /** Outcome of connecting and listing. @default ok */
  probe?: Outcome;
  /** Outcome of `tools/call` of `x`. @default ok; where the probe fails, there is none */
  call?: Outcome;
  /** How far the SDK's client of the older generation gets. @default it calls the tool */
  older?: 'calls' | 'lists' | 'fails';
  /** Why we refuse what the older client accepts: the part of the MCP specification. */
  clause?: string;
};

export const ok = (expected: Omit<Outcome & { ok: true }, 'ok'> = {}): Outcome => ({ ok: true, ...expected });

export const noted = (...notes: string[]): Outcome => ({ ok: true, notes });

/** @param says words of the message, the remediation or the details */
export const fails = (kind: TargetErrorKind, ...says: string[]): Outcome => ({ ok: false, kind, says });

export const tool = (name: string, more: { [member: string]: unknown } = {}) => ({
  name,
  description: name,
  inputSchema: { type: 'object', properties: {} },
  ...more,
});

export const text = (value: string) => ({ content: [{ type: 'text', text: value }] });

/* ---- replies ---- */

export const answer = (id: unknown, result: unknown) => ({ jsonrpc: '2.0', id, result });

export const fault = (id: unknown, code: number, message: string, data?: unknown) => ({
  jsonrpc: '2.0',
  id,
  error: { code, message, ...(data !== undefined && { data }) },
});

export const asEvent = (message: unknown): string => `event: message\ndata: ${JSON.stringify(message)}\n\n`;

export const replyResult =
  (result: unknown): Reply =>
  ({ message }) =>
    answer(message.id, result);

export const replyError =
  (code: number, message: string, data?: unknown): Reply =>
  ({ message: { id } }) =>
    fault(id, code, message, data);

/** An HTTP answer; an object is sent as JSON. */
export const replyHttp =
  (status: number, body: string | object = '', headers: { [name: string]: string } = {}): Reply =>
  ({ response }) => {
    const isText = typeof body === 'string';
    response.writeHead(status, { ...(!isText && { 'content-type': 'application/json' }), ...headers });
    response.end(isText ? body : JSON.stringify(body));
  };

/** A JSON-RPC error for the request, with an HTTP status. */
export const replyHttpError =
  (status: number, code: number, message: string, headers: { [name: string]: string } = {}): Reply =>
  (context) =>
    replyHttp(status, fault(context.message.id, code, message), headers)(context);

export const replyNever: Reply = () => undefined;

export const replyClosing: Reply = ({ request }) => {
  request.socket.destroy();
};

/** An event stream of texts and messages, in order. */
export const replyEvents =
  (
    events: (context: Context) => Iterable<unknown> | AsyncIterable<unknown>,
    { open = false }: { open?: boolean } = {},
  ): Reply =>
  async (context) => {
    const { response } = context;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for await (const each of events(context)) response.write(typeof each === 'string' ? each : asEvent(each));
    if (!open) response.end();
  };

export const notify = (method: string, params?: unknown) => ({
  jsonrpc: '2.0',
  method,
  ...(params !== undefined && { params }),
});

export const ask = (id: string | number, method: string, params?: unknown) => ({ ...notify(method, params), id });
