import type { ReactNode } from 'react';
import { Menu } from '../overlay/menu.tsx';
import { Link } from './link.tsx';
import { Tabs } from './tabs.tsx';

/**
 * The head of every page. An object's page has all of it: trail to the parent, icon, name, status, one line of meta,
 * actions, "…" menu, tabs.
 * @param props.note the line of meta, or what a list is about
 * @param props.actions one `primary` button first, then plain ones
 * @param props.menu the rest and Delete: links and buttons of `overlay/menu.tsx`
 * @param props.tabs addresses relative to the page's, `.` for its first tab
 */
export function PageHeader({
  title,
  icon,
  status,
  note,
  actions,
  menu,
  trail,
  tabs,
}: {
  title: ReactNode;
  icon?: ReactNode;
  status?: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  menu?: ReactNode;
  trail?: { to: string; text: string }[];
  tabs?: { to: string; text: string; count?: number }[];
}) {
  return (
    <header className="mb-6">
      {trail ? <Trail trail={trail} /> : null}
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
        <div className="min-w-0 max-w-full flex-1 basis-64">
          <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
            {icon ? (
              <span aria-hidden="true" className="shrink-0 text-muted">
                {icon}
              </span>
            ) : null}
            <h1 tabIndex={-1} className="min-w-0 text-xl font-semibold tracking-tight outline-none">
              {title}
            </h1>
            {status}
          </div>
          {note ? <div className="mt-1 max-w-prose text-sm text-muted">{note}</div> : null}
        </div>
        {actions || menu ? (
          <div className="flex flex-wrap items-center gap-2">
            {actions}
            {menu ? <Menu label="More actions">{menu}</Menu> : null}
          </div>
        ) : null}
      </div>
      {tabs ? <Tabs tabs={tabs} /> : null}
    </header>
  );
}

function Trail({ trail }: { trail: { to: string; text: string }[] }) {
  return (
    <nav aria-label="Breadcrumb" className="mb-1 text-xs text-muted">
      <ol className="flex flex-wrap items-center gap-x-1">
        {trail.map(({ to, text }, index) => (
          <li key={to} className="flex min-w-0 items-center gap-1">
            {index > 0 ? <span aria-hidden="true">/</span> : null}
            <Link to={to} relative="path" className="block max-w-60 truncate leading-6 hover:text-ink hover:underline">
              {text}
            </Link>
          </li>
        ))}
        <li aria-current="page" className="sr-only">
          This page
        </li>
      </ol>
    </nav>
  );
}
