import type { LiveChanges, LiveTopic } from '../../../domain/live/topic.ts';

export type Subject = { topics: readonly LiveTopic[]; id?: string | undefined };

/** `connecting`: not yet, or not while the tab is hidden. */
export type LiveState = 'connecting' | 'live' | 'reconnecting';

export type LiveClient = {
  /** Calls back when a subject changed, or may have. @returns stops it */
  subscribe(subject: Subject, onChange: () => void): () => void;
  state(): LiveState;
  onState(listener: () => void): () => void;
  /** Opens the stream while the tab is visible. @returns closes it */
  start(): () => void;
};

/** The server says something every 20 seconds. */
const silenceMs = 45_000;
/** After a refusal by HTTP status, which browsers don't repeat. Meanwhile pages ask. */
const retryMs = 20_000;
const pollMs = 15_000;
/** A page subscribes after its data were loaded: changes of that time count too. */
const memoryMs = 10_000;
/** Shorter interruptions, such as a restart of the server, are not shown. */
const graceMs = 4000;

/** Everything may have changed. */
type Changes = LiveChanges | 'all';

const concerns = (changes: Changes, { topics, id }: Subject): boolean =>
  changes === 'all' ||
  topics.some((topic) => {
    const ids = changes[topic];
    return ids === null || (ids !== undefined && (id === undefined || ids.includes(id)));
  });

/**
 * Follows what changes in a workspace by one server-sent stream, which is open while the tab is visible: browsers have
 * few connections for all tabs together.
 * @param position from where on the page's data may be old
 */
export function createLiveClient(url: string, position: string | null): LiveClient {
  const subscribers = new Set<{ subject: Subject; onChange: () => void }>();
  const listeners = new Set<() => void>();
  let recent: { at: number; changes: Changes }[] = [];
  let last = position;
  let state: LiveState = 'connecting';
  let source: EventSource | null = null;
  const timers: { [name in 'silence' | 'retry' | 'grace' | 'poll']?: ReturnType<typeof setTimeout> | undefined } = {};

  const setState = (next: LiveState): void => {
    clearTimeout(timers.grace);
    timers.grace = undefined;
    if (state === next) return;
    state = next;
    for (const listener of listeners) listener();
  };
  const tell = (changes: Changes): void => {
    const now = Date.now();
    recent = [...recent.filter(({ at }) => now - at < memoryMs), { at: now, changes }];
    for (const { subject, onChange } of [...subscribers]) if (concerns(changes, subject)) onChange();
  };
  const close = (): void => {
    source?.close();
    source = null;
    clearTimeout(timers.silence);
    clearTimeout(timers.retry);
  };
  const lose = (): void => {
    // From the first failure on, however often it is tried again.
    timers.grace ??= setTimeout(() => setState('reconnecting'), graceMs);
  };
  const openLater = (): void => {
    close();
    lose();
    timers.retry = setTimeout(open, retryMs * (0.5 + Math.random() / 2));
  };
  const open = (): void => {
    close();
    const stream = new EventSource(last === null ? url : `${url}?after=${encodeURIComponent(last)}`);
    source = stream;
    const heard = (): void => {
      clearTimeout(timers.silence);
      timers.silence = setTimeout(open, silenceMs);
      setState('live');
    };
    const on = (name: string, handle: (event: MessageEvent<string>) => void): void =>
      stream.addEventListener(name, (event) => {
        heard();
        if (event.lastEventId !== '') last = event.lastEventId;
        handle(event);
      });
    stream.addEventListener('open', heard);
    stream.addEventListener('error', () => {
      if (stream.readyState === EventSource.CLOSED) openLater();
      else lose();
    });
    on('changes', ({ data }) => tell(JSON.parse(data)));
    on('refresh', () => tell('all'));
    on('ping', () => {});
    on('end', () => {
      // Loading again leads to where one signs in.
      openLater();
      tell('all');
    });
  };
  const followVisibility = (): void => {
    if (document.visibilityState === 'visible') open();
    else {
      close();
      setState('connecting');
    }
  };

  return {
    subscribe(subject, onChange) {
      const entry = { subject, onChange };
      subscribers.add(entry);
      const now = Date.now();
      if (recent.some(({ at, changes }) => now - at < memoryMs && concerns(changes, subject))) onChange();
      return () => void subscribers.delete(entry);
    },
    state: () => state,
    onState(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    start() {
      followVisibility();
      document.addEventListener('visibilitychange', followVisibility);
      timers.poll = setInterval(async () => {
        if (state === 'live' || document.visibilityState !== 'visible') return;
        // While a proxy answers for a server that is gone, the page stays as it is.
        const { ok } = await fetch('/healthz').catch(() => ({ ok: false }));
        if (ok) tell('all');
      }, pollMs);
      return () => {
        document.removeEventListener('visibilitychange', followVisibility);
        close();
        clearTimeout(timers.grace);
        clearInterval(timers.poll);
      };
    },
  };
}
