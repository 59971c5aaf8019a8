import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { serve } from '../targets/http.ts';

export type ApiCall = { method: string; token: string | null; fields: Record<string, string> };

/** What the Web API answers to a call. `lost`: it has taken the call, and the connection ends without an answer. */
export type ApiReply =
  | { ok: boolean; [field: string]: unknown }
  | { status: number; headers?: Record<string, string>; body: string }
  | 'lost';

export type FakeSlack = {
  /** For `SLACK_API_URL`. */
  apiUrl: string;
  origin: string;
  /** Calls of the Web API, in order of arrival. */
  calls: ApiCall[];
  /** What a method answers from now on; the default is a good answer. */
  reply(method: string, reply: ApiReply): void;
  reset(): void;
  /** A new address as a press or command brings it. */
  answerAddress(): string;
  /** What was answered at an address so far. */
  answersAt(address: string): { text: string; response_type: string; blocks: unknown }[];
  close(): Promise<void>;
};

const good: Record<string, (fields: Record<string, string>) => ApiReply> = {
  'chat.postMessage': ({ channel }) => ({ ok: true, channel, ts: '1763700000.000100' }),
  'auth.revoke': () => ({ ok: true, revoked: true }),
};

/**
 * Stands in for Slack's Web API and for the addresses that answers go to, at the HTTP level. It takes every call that
 * comes.
 */
export async function startSlack(): Promise<FakeSlack> {
  const calls: ApiCall[] = [];
  const replies = new Map<string, ApiReply>();
  const answers = new Map<string, { text: string; response_type: string; blocks: unknown }[]>();
  let addresses = 0;
  const server = await serve(async (request, response) => {
    const body = await bodyOf(request);
    const path = request.url ?? '';
    if (path.startsWith('/answers/')) {
      answers.get(path)?.push(JSON.parse(body));
      response.end('ok');
      return;
    }
    const method = path.replace('/api/', '');
    const fields = Object.fromEntries(new URLSearchParams(body));
    calls.push({ method, token: request.headers.authorization?.replace('Bearer ', '') ?? null, fields });
    send(response, replies.get(method) ?? good[method]?.(fields) ?? { ok: false, error: 'unknown_method' });
  });
  return {
    apiUrl: `${server.origin}/api/`,
    origin: server.origin,
    calls,
    reply: (method, reply) => replies.set(method, reply),
    reset() {
      calls.length = 0;
      replies.clear();
    },
    answerAddress() {
      const path = `/answers/${++addresses}`;
      answers.set(path, []);
      return `${server.origin}${path}`;
    },
    answersAt: (address) => answers.get(new URL(address).pathname) ?? [],
    close: server.close,
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, reply: ApiReply): void {
  if (reply === 'lost') {
    response.destroy();
    return;
  }
  if (!('ok' in reply)) {
    response.writeHead(reply.status, reply.headers ?? {});
    response.end(reply.body);
    return;
  }
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(reply));
}

/** A request to Armature as Slack signs it. @param of.at seconds; now when left out. */
export function signed(body: string, { secret, at }: { secret: string; at?: number }): Record<string, string> {
  const timestamp = at ?? Math.floor(Date.now() / 1000);
  const mac = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': String(timestamp), 'x-slack-signature': `v0=${mac}` };
}
