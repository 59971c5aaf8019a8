import type { Express, Request, Response } from 'express';
import type { LiveBatch } from '../../infra/live/index.ts';
import { getSession } from '../../services/account/session.ts';
import type { Deps } from '../../services/context/context.ts';
import { readVisit } from '../visit.ts';

/** Below the 30 seconds after which many proxies close a silent connection. */
const heartbeatMs = 20_000;
/** Sessions also end by time, which nothing announces. */
const checkEveryMs = 60_000;
/** What a reader may have left unread in this process, besides the buffers of the network. */
const maxUnreadBytes = 64 * 1024;

export type StreamLimits = {
  /** Open streams of one person. @default 12 */
  perPerson: number;
  /** Open streams of this process. @default 2000 */
  perProcess: number;
};

/**
 * Serves `GET /o/:org/live`: which rows of the workspace change, as server-sent events for its members.
 *
 * - `changes`: `LiveChanges` (domain/live/topic.ts). Its id can be given back, as `Last-Event-ID` or `?after=`.
 * - `refresh`: changes may have been missed.
 * - `ping`: nothing happened.
 * - `end`: the session or the membership has ended.
 */
export function mountLive(
  app: Express,
  deps: Deps,
  { perPerson, perProcess }: StreamLimits = { perPerson: 12, perProcess: 2000 },
): void {
  const open = new Map<() => void, string>();

  app.get('/o/:org/live', async (request, response) => {
    if (request.method === 'HEAD') return void response.end();
    const { org: slug } = request.params;
    const identify = () => findMember(deps, request, { slug, requestId: response.locals.requestId });
    const member = await identify();
    if (!member) return refuse(response, 401, 'Sign in as a member of this workspace.');
    const ofPerson = [...open.values()].filter((userId) => userId === member.userId);
    if (open.size >= perProcess) return refuse(response, 503, 'Too many pages are open. Try again later.');
    if (ofPerson.length >= perPerson) return refuse(response, 429, 'You have too many pages open.');

    const end = startStream(deps, { request, response, member, identify, onClosed: () => open.delete(end) });
    open.set(end, member.userId);
  });

  // Otherwise a process that stops would wait for its readers.
  app.addListener('stopping', () => {
    for (const end of open.keys()) end();
  });
}

type Member = { orgId: string; userId: string };

async function findMember(
  deps: Deps,
  request: Request,
  { slug, requestId }: { slug: string; requestId: string },
): Promise<Member | null> {
  const visit = readVisit(request);
  const session = await getSession({ deps, actor: { kind: 'visitor', id: visit.address }, requestId }, { visit });
  const org = session?.organizations.find((organization) => organization.slug === slug);
  return session && org ? { orgId: org.id, userId: session.user.id } : null;
}

function refuse(response: Response, status: number, message: string): void {
  response.status(status).set('Cache-Control', 'no-store').type('text').send(message);
}

/** @returns ends the stream; the browser opens another */
function startStream(
  { live, log }: Deps,
  {
    request,
    response,
    member,
    identify,
    onClosed,
  }: {
    request: Request;
    response: Response;
    member: Member;
    identify: () => Promise<Member | null>;
    onClosed: () => void;
  },
): () => void {
  const { requestId } = response.locals;
  response.set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();

  const send = (event: string, { id, data = '' }: { id?: string; data?: string } = {}): void => {
    if (response.writableEnded || response.destroyed) return;
    response.write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`);
    if (response.writableLength <= maxUnreadBytes) return;
    log.info({ requestId }, 'a reader of changes is too slow');
    response.destroy();
  };
  const check = async (): Promise<void> => {
    const current = await identify().catch((error: unknown) => {
      log.warn({ err: error, requestId }, 'a stream of changes ends: its session could not be read');
      return undefined;
    });
    if (current === undefined) response.end();
    if (current !== null) return;
    send('end');
    response.end();
  };

  // Whoever comes back after many processes stopped at the same time does so at different moments.
  response.write(`retry: ${Math.round(1000 + Math.random() * 2000)}\n\n`);
  const position = request.get('last-event-id') ?? new URLSearchParams(request.url.split('?')[1]).get('after');
  const stop = live.follow(
    { ...member, position },
    {
      onChanges: ({ position: id, changes }: LiveBatch) => send('changes', { id, data: JSON.stringify(changes) }),
      onRefresh: (id) => send('refresh', { id }),
      onPerson: () => void check(),
    },
  );
  const heartbeat = setInterval(() => send('ping'), heartbeatMs);
  const checks = setInterval(() => void check(), checkEveryMs);
  response.on('close', () => {
    stop();
    clearInterval(heartbeat);
    clearInterval(checks);
    onClosed();
  });
  return () => response.end();
}
