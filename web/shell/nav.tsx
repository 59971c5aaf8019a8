import {
  Bell,
  GitPullRequestArrow,
  History,
  KeyRound,
  LogOut,
  Megaphone,
  Radar,
  Server,
  Siren,
  Workflow,
} from 'lucide-react';
import { Form, Link, NavLink } from 'react-router';

const places = [
  { to: 'servers', text: 'Servers', icon: Server },
  { to: 'workflows', text: 'Workflows', icon: Workflow },
  { to: 'monitors', text: 'Monitors', icon: Radar },
  { to: 'runs', text: 'Runs', icon: History },
  { to: 'proposals', text: 'Proposals', icon: GitPullRequestArrow },
  { to: 'incidents', text: 'Incidents', icon: Siren },
  { to: 'alerts', text: 'Alerts', icon: Bell },
  { to: 'status-page', text: 'Status page', icon: Megaphone },
  { to: 'keys', text: 'API keys', icon: KeyRound },
] as const;

export function Mark() {
  return (
    <svg viewBox="0 0 32 32" className="size-7 shrink-0" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#2f5bd0" />
      <path
        d="M8 24 16 7l8 17M11.5 17h9"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="16" cy="7" r="2.6" fill="#fff" />
    </svg>
  );
}

type Organization = { slug: string; name: string };

export function SideNav({
  org,
  organizations,
  user,
  openIncidents,
}: {
  org: Organization;
  organizations: Organization[];
  user: { name: string; email: string };
  /** Counted up to 100. */
  openIncidents: number;
}) {
  return (
    <aside className="flex shrink-0 flex-wrap items-center gap-x-4 border-line border-b bg-surface px-4 py-2 md:sticky md:top-0 md:h-screen md:w-56 md:flex-col md:flex-nowrap md:items-stretch md:gap-0 md:border-r md:border-b-0 md:px-3 md:py-4">
      <Link to={`/o/${org.slug}/workflows`} className="flex min-w-0 items-center gap-2.5 rounded-md px-1 md:mb-6">
        <Mark />
        <span className="min-w-0">
          <span className="block font-semibold leading-tight">Armature</span>
          <span className="block truncate text-xs text-muted">{org.name}</span>
        </span>
      </Link>
      <nav aria-label="Main" className="flex gap-1 md:flex-col">
        {places.map(({ to, text, icon: Icon }) => (
          <NavLink
            key={to}
            to={`/o/${org.slug}/${to}`}
            className={({ isActive }) =>
              `flex min-h-9 items-center gap-2.5 rounded-md px-2.5 font-medium ${isActive ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-sunken hover:text-ink'}`
            }
          >
            <Icon aria-hidden="true" className="size-4" />
            {text}
            {to === 'incidents' && openIncidents > 0 ? (
              <span className="ml-auto rounded-full bg-fail-soft px-2 text-xs font-semibold text-fail tabular-nums">
                {openIncidents > 99 ? '99+' : openIncidents}
                <span className="sr-only"> open</span>
              </span>
            ) : null}
          </NavLink>
        ))}
      </nav>
      {organizations.length > 1 ? (
        <nav aria-label="Workspaces" className="md:mt-6">
          <p className="hidden px-2.5 pb-1 text-xs text-muted md:block">Workspaces</p>
          {organizations
            .filter(({ slug }) => slug !== org.slug)
            .map(({ slug, name }) => (
              <Link
                key={slug}
                to={`/o/${slug}/workflows`}
                className="block truncate rounded-md px-2.5 py-1.5 text-muted hover:bg-sunken hover:text-ink"
              >
                {name}
              </Link>
            ))}
        </nav>
      ) : null}
      <div className="ml-auto flex items-center gap-2 md:mt-auto md:ml-0 md:border-line md:border-t md:pt-3">
        <div className="hidden min-w-0 flex-1 px-1 md:block">
          <p className="truncate font-medium">{user.name}</p>
          <p className="truncate text-xs text-muted">{user.email}</p>
        </div>
        <Form method="post" action="/sign-out">
          <button
            type="submit"
            aria-label="Sign out"
            title="Sign out"
            className="grid size-9 cursor-pointer place-items-center rounded-md text-muted hover:bg-sunken hover:text-ink"
          >
            <LogOut aria-hidden="true" className="size-4" />
          </button>
        </Form>
      </div>
    </aside>
  );
}
