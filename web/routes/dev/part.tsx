import type { ReactNode } from 'react';

/** A group of components under a heading. */
export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="min-w-0 space-y-4">
      <h2 className="text-base font-semibold">{title}</h2>
      {children}
    </section>
  );
}

/** A name without a place to break, as long as names may be. */
export const longName = 'a_name_without_any_place_to_break_it_'.repeat(3).slice(0, 80);

/** A time so many minutes before another. */
export const before = (now: string, minutes: number): string =>
  new Date(Date.parse(now) - minutes * 60_000).toISOString();
