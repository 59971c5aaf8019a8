import type { ReactNode } from 'react';

export function Card({
  title,
  aside,
  children,
  flush = false,
  id,
}: {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  /** Without padding around the content: for tables and lists. */
  flush?: boolean;
  id?: string;
}) {
  return (
    <section id={id} className="rounded-lg border border-line bg-surface">
      {title ? (
        <header className="flex flex-wrap items-center justify-between gap-3 border-b border-line px-4 py-3">
          <h2 className="min-w-0 text-sm font-semibold">{title}</h2>
          {aside}
        </header>
      ) : null}
      <div className={flush ? '' : 'p-4'}>{children}</div>
    </section>
  );
}
