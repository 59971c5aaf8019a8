import { useHydrated } from './hooks/use-hydrated.ts';

type Instant = string | Date;

/** A short time in the reader's zone, with the exact time in its tooltip. In UTC, and marked so, before hydration. */
export function Time({ at, relative = false }: { at: Instant; relative?: boolean }) {
  const date = new Date(at);
  const hydrated = useHydrated();
  const utc = `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const exact = hydrated
    ? new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' }).format(date)
    : date.toISOString();
  const text = hydrated ? (relative ? ago(date, new Date()) : short(date)) : utc;
  return (
    <time dateTime={date.toISOString()} title={exact} className="whitespace-nowrap">
      {text}
    </time>
  );
}

/** The time of day with seconds, for lists of events within minutes. */
export function Clock({ at }: { at: Instant }) {
  const date = new Date(at);
  const hydrated = useHydrated();
  return (
    <time dateTime={date.toISOString()} title={date.toISOString()} className="whitespace-nowrap tabular-nums">
      {hydrated
        ? new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' }).format(date)
        : date.toISOString().slice(11, 19)}
    </time>
  );
}

const short = (date: Date) =>
  new Intl.DateTimeFormat(undefined, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    ...(date.getFullYear() === new Date().getFullYear() ? {} : { year: 'numeric' }),
  }).format(date);

const units: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

function ago(date: Date, now: Date): string {
  const seconds = Math.round((date.getTime() - now.getTime()) / 1000);
  if (Math.abs(seconds) > 7 * 86_400) return short(date);
  const [unit, length] = units.find(([, size]) => Math.abs(seconds) >= size) ?? (['second', 1] as const);
  if (unit === 'second' && Math.abs(seconds) < 5) return 'just now';
  return new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }).format(Math.round(seconds / length), unit);
}

/** `840 ms`, `3.2 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
