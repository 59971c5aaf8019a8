import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type LiveChanges, type LiveTopic, liveTopics } from '../../domain/live/topic.ts';
import type { Db } from '../db/index.ts';
import type { Logger } from '../logger/index.ts';
import { type Listener, listen } from './listener.ts';

export type LiveBatch = { position: string; orgId: string; changes: LiveChanges };

export type LiveFollower = {
  onChanges(batch: LiveBatch): void;
  /** Changes may have been missed: everything on the page may be old. */
  onRefresh(position: string): void;
  /** The person's membership or one of their sessions changed. */
  onPerson(): void;
};

/** Which rows of an organization change, over all processes (migration `notify_live`). */
export type Live = {
  /** Announces a change that no trigger announces, because it happens many times a second. Together with others. */
  announce(change: { orgId: string; topic: LiveTopic; id: string }): void;
  /** The latest batch; null before this process listens, which it does from then on. */
  position(): string | null;
  /** Follows an organization, from after `position` if that is still known. @returns stops it */
  follow(of: { orgId: string; userId: string; position: string | null }, follower: LiveFollower): () => void;
  close(): Promise<void>;
};

const channel = 'armature_live';
/** Changes of a short time are handed on together, each once. */
const batchMs = 100;
const announceMs = 250;
/** Batches of all organizations that a follower who was away for a moment can catch up on. */
const maxBatches = 1000;
/** Ids of one topic in a batch. */
const maxIds = 50;

const announcement = z.object({ org: z.uuid().optional(), topic: z.string(), id: z.string().optional() });
const isTopic = (topic: string): topic is LiveTopic => liveTopics.some((known) => known === topic);

/** Opens no connection before somebody follows. */
export function createLive({ url, db, log }: { url: string; db: Pick<Db, '$executeRaw'>; log: Logger }): Live {
  const followers = new Set<{ orgId: string; userId: string } & LiveFollower>();
  let listener: Listener | null = null;
  /** Positions are of one connection: after another, those from before are unknown. Null before the first. */
  let epoch: string | null = null;
  let count = 0;
  let batches: LiveBatch[] = [];
  let waiting = new Map<string, LiveChanges>();
  let timer: NodeJS.Timeout | null = null;

  const toPosition = (): string => `${epoch}-${count}`;

  const handOn = (): void => {
    timer = null;
    const ready = waiting;
    waiting = new Map();
    for (const [orgId, changes] of ready) {
      count += 1;
      const batch = { position: toPosition(), orgId, changes };
      batches.push(batch);
      for (const follower of followers) if (follower.orgId === orgId) follower.onChanges(batch);
    }
    batches = batches.slice(-maxBatches);
  };

  const add = (payload: string): void => {
    const parsed = announcement.safeParse(parseJson(payload));
    if (!parsed.success) {
      log.warn({ payload: payload.slice(0, 200) }, 'an announcement is malformed');
      return;
    }
    const { org, topic, id } = parsed.data;
    if (topic === 'session' || topic === 'member')
      for (const follower of followers)
        if (follower.userId === id && (org === undefined || follower.orgId === org)) follower.onPerson();
    if (org === undefined || !isTopic(topic)) return;
    const changes = waiting.get(org) ?? {};
    waiting.set(org, { ...changes, [topic]: merge(changes[topic], id) });
    timer ??= setTimeout(handOn, batchMs).unref();
  };

  const restart = (): void => {
    epoch = randomBytes(6).toString('base64url').replaceAll('-', '_');
    count = 0;
    batches = [];
    for (const follower of followers) follower.onRefresh(toPosition());
  };

  const start = (): void => {
    listener ??= listen({ url, channel, log, onPayload: add, onListening: restart });
  };

  /** Null when the position is not known any more. */
  const since = (position: string | null, orgId: string): LiveBatch[] | null => {
    if (position === `${epoch}-0` && batches.length === count) return batches.filter((batch) => batch.orgId === orgId);
    const index = batches.findIndex((batch) => batch.position === position);
    return index === -1 ? null : batches.slice(index + 1).filter((batch) => batch.orgId === orgId);
  };

  const announcer = createAnnouncer({ db, log });
  return {
    announce: announcer.announce,
    position() {
      start();
      return epoch === null ? null : toPosition();
    },
    follow({ orgId, userId, position }, follower) {
      start();
      const entry = { orgId, userId, ...follower };
      followers.add(entry);
      if (epoch !== null) {
        const missed = since(position, orgId);
        if (missed === null) follower.onRefresh(toPosition());
        else for (const batch of missed) follower.onChanges(batch);
      }
      return () => void followers.delete(entry);
    },
    async close() {
      if (timer) clearTimeout(timer);
      await Promise.all([listener?.close(), announcer.close()]);
    },
  };
}

function merge(ids: string[] | null | undefined, id: string | undefined): string[] | null {
  if (ids === null || id === undefined) return null;
  const merged = [...new Set([...(ids ?? []), id])];
  return merged.length > maxIds ? null : merged;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Collects announcements: commits that announce take place one after the other, in all processes. */
function createAnnouncer({ db, log }: { db: Pick<Db, '$executeRaw'>; log: Logger }) {
  const waiting = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let sending: Promise<unknown> = Promise.resolve();
  const send = (): void => {
    timer = null;
    const payloads = [...waiting];
    waiting.clear();
    if (payloads.length === 0) return;
    sending = db.$executeRaw`SELECT pg_notify(${channel}, payload) FROM unnest(${payloads}::text[]) AS payload`.catch(
      (error: unknown) => log.warn({ err: error }, 'pages may show the next steps of runs late'),
    );
  };
  return {
    announce({ orgId, topic, id }: { orgId: string; topic: LiveTopic; id: string }): void {
      waiting.add(JSON.stringify({ org: orgId, topic, id }));
      timer ??= setTimeout(send, announceMs).unref();
    },
    async close() {
      if (timer) clearTimeout(timer);
      send();
      await sending;
    },
  };
}
