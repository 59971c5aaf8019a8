import type { ReactNode } from 'react';
import { Link } from 'react-router';

export function PageHeader({
  title,
  note,
  actions,
  trail,
}: {
  title: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  trail?: { to: string; text: string }[];
}) {
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-4">
      <div className="min-w-0">
        {trail ? (
          <nav aria-label="Breadcrumb" className="mb-1 text-muted">
            {trail.map(({ to, text }, index) => (
              <span key={to}>
                {index > 0 ? <span aria-hidden="true"> / </span> : null}
                <Link to={to} relative="path" className="hover:text-ink hover:underline">
                  {text}
                </Link>
              </span>
            ))}
          </nav>
        ) : null}
        <h1 className="text-xl font-semibold tracking-tight break-words">{title}</h1>
        {note ? <div className="mt-1 max-w-prose text-muted">{note}</div> : null}
      </div>
      {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
    </header>
  );
}
