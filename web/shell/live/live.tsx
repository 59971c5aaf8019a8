import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { useNavigation, useRevalidator } from 'react-router';
import type { LiveTopic } from '../../../domain/live/topic.ts';
import { createLiveClient, type LiveClient, type LiveState } from './client.ts';

/** Between two loads of a page's data; they take at most a tenth of the time. */
const minGapMs = 1000;
const maxShare = 0.1;

const LiveContext = createContext<{ client: LiveClient; reload: () => void } | null>(null);

/** Lets the pages of a workspace follow what changes. @param props.position `Live.position()` of before the load */
export function LiveProvider({
  url,
  position,
  children,
}: {
  url: string;
  position: string | null;
  children: ReactNode;
}) {
  const [client] = useState(() => createLiveClient(url, position));
  useEffect(() => client.start(), [client]);
  const reload = useReload();
  const [value] = useState({ client, reload });
  return <LiveContext value={value}>{children}</LiveContext>;
}

/** Reloads the page's data when one of these topics changes, or only that subject of them. */
export function useLive(topics: readonly LiveTopic[], { id }: { id?: string } = {}): void {
  const context = useContext(LiveContext);
  useLiveChanges(topics, () => context?.reload(), { id });
}

/** Calls back instead. */
export function useLiveChanges(
  topics: readonly LiveTopic[],
  onChange: () => void,
  { id }: { id?: string | undefined } = {},
): void {
  const client = useContext(LiveContext)?.client;
  const handle = useEffectEvent(onChange);
  const names = topics.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names stand for the list, which is new in each render.
  useEffect(() => client?.subscribe({ topics, id }, () => handle()), [client, names, id]);
}

export function useLiveState(): LiveState {
  const client = useContext(LiveContext)?.client;
  return useSyncExternalStore(
    (listener) => client?.onState(listener) ?? (() => {}),
    () => client?.state() ?? 'connecting',
    () => 'connecting',
  );
}

/** Several requests become one load, which waits for a running navigation, submission or load. */
function useReload(): () => void {
  const { revalidate, state } = useRevalidator();
  const idle = useNavigation().state === 'idle' && state === 'idle';
  const [pending, setPending] = useState(false);
  const notBefore = useRef(0);
  useEffect(() => {
    if (!pending || !idle) return;
    const timer = setTimeout(
      async () => {
        setPending(false);
        const started = performance.now();
        await revalidate();
        const ended = performance.now();
        notBefore.current = Math.max(started + minGapMs, ended + (ended - started) / maxShare);
      },
      Math.max(0, notBefore.current - performance.now()),
    );
    return () => clearTimeout(timer);
  }, [pending, idle, revalidate]);
  return () => setPending(true);
}
