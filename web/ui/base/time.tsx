import { createContext, useContext, useSyncExternalStore } from 'react';
import { useFormat, useReader, useTicker } from '../../shell/reader-provider.tsx';
import type { Instant } from './format.ts';

/** True inside of what is focused as a whole, such as a row that is a link: its times are no stops of their own. */
export const InFocusedRow = createContext(false);

/**
 * A time in the reader's zone and locale: `1 Dec, 14:05`. The exact time is shown on hover and focus.
 * @param props.relative `12 min ago` instead, which stays right as time passes
 */
export function Time({ at, relative = false }: { at: Instant; relative?: boolean }) {
  const format = useFormat();
  const { subscribe, now, renderedAt } = useTicker();
  const textAt = (time: number) => (relative ? format.relative(at, time) : format.dateTime(at, time));
  const text = useSyncExternalStore(
    subscribe,
    () => textAt(now()),
    () => textAt(renderedAt),
  );
  return (
    <Stamp at={at} isWords={relative}>
      {text}
    </Stamp>
  );
}

/** The time of day with seconds, for lists of events within minutes. */
export function Clock({ at }: { at: Instant }) {
  return <Stamp at={at}>{useFormat().clock(at)}</Stamp>;
}

/** The day alone: `1 Dec`. */
export function Day({ at }: { at: Instant }) {
  return <Stamp at={at}>{useFormat().day(at)}</Stamp>;
}

/** How long something that still runs has taken: `12 s`, `3 min 5 s`, counting up. */
export function Elapsed({ since }: { since: Instant }) {
  const format = useFormat();
  const { subscribe, now, renderedAt } = useTicker();
  const start = new Date(since).getTime();
  const textAt = (time: number) => {
    const seconds = Math.max(0, Math.floor((time - start) / 1000));
    return seconds < 60 ? `${seconds} s` : format.duration(seconds * 1000);
  };
  const text = useSyncExternalStore(
    subscribe,
    () => textAt(now()),
    () => textAt(renderedAt),
  );
  return <span className="whitespace-nowrap tabular-nums">{text}</span>;
}

function Stamp({ at, isWords = false, children }: { at: Instant; isWords?: boolean; children: string }) {
  const { locale } = useReader();
  const inRow = useContext(InFocusedRow);
  const exact = useFormat().exact(at);
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={exact}
      data-exact={exact}
      lang={isWords ? undefined : locale}
      tabIndex={inRow ? undefined : 0}
      className="stamp whitespace-nowrap tabular-nums"
      // The time zone data of a browser may be older or newer than the server's.
      suppressHydrationWarning
    >
      {children}
    </time>
  );
}
