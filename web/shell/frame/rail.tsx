import {
  BookOpen,
  ChevronsUpDown,
  LogOut,
  type LucideIcon,
  PanelLeft,
  Plus,
  Search,
  Settings,
  UserRound,
} from 'lucide-react';
import { Form, useLocation } from 'react-router';
import { Link, NavLink } from '../../ui/page/link.tsx';
import { type Entry, groups } from './entries.ts';
import { Mark } from './mark.tsx';
import type { ShellData } from './shell-context.ts';
import { useTheme } from './use-theme.ts';

/** Hidden from sight while the rail is collapsed; screen readers read it all the same. */
const label = 'min-w-0 truncate md:group-data-collapsed/shell:sr-only';
const line =
  'flex min-h-11 items-center gap-2.5 rounded-md px-2.5 font-medium md:min-h-8 md:group-data-collapsed/shell:justify-center';
const quiet = 'text-muted hover:bg-sunken hover:text-ink';
const popup =
  'm-0 max-h-[70dvh] w-56 overflow-y-auto rounded-lg border border-line bg-surface p-1 text-ink shadow-lg fixed left-3 right-auto';

/** Id of the navigation, which is a drawer on a phone. */
export const railId = 'rail';

/**
 * The navigation: a column from 768 px on, below that a drawer. Drawer and menus are popovers, which open, close and
 * give the focus back without scripts.
 */
export function Rail({
  org,
  organizations,
  mayCreateWorkspace,
  user,
  counts,
  collapsed,
  onCollapse,
  onSearch,
}: Pick<ShellData, 'org' | 'organizations' | 'mayCreateWorkspace' | 'user' | 'counts' | 'collapsed'> & {
  onCollapse: (collapsed: boolean) => void;
  onSearch: () => void;
}) {
  return (
    <aside
      id={railId}
      popover="auto"
      aria-label="Navigation"
      className="fixed inset-y-0 right-auto left-0 h-dvh w-72 max-w-[85vw] flex-col overflow-y-auto border-line border-r bg-surface px-3 py-3 text-ink shadow-xl backdrop:bg-black/40 open:flex md:sticky md:top-0 md:flex md:w-[232px] md:shrink-0 md:shadow-none md:group-data-collapsed/shell:w-14 md:group-data-collapsed/shell:px-2"
    >
      <Workspaces org={org} organizations={organizations} mayCreateWorkspace={mayCreateWorkspace} />
      <nav aria-label="Main" className="mt-3 space-y-4">
        {groups.map(({ title, entries }) => (
          <div key={title ?? ''}>
            {title ? (
              <p className="px-2.5 pb-1 text-muted text-xs md:group-data-collapsed/shell:sr-only">{title}</p>
            ) : null}
            <ul>
              {entries.map((entry) => (
                <li key={entry.to}>
                  <EntryLink org={org} entry={entry} count={entry.count ? counts[entry.count] : 0} />
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <div className="mt-auto border-line border-t pt-3">
        <button
          type="button"
          onClick={onSearch}
          title="Search and commands"
          className={`${line} ${quiet} with-scripts w-full cursor-pointer text-left`}
        >
          <Search aria-hidden="true" className="size-4 shrink-0" />
          <span className={label}>Search</span>
          <span className="ml-auto font-mono text-xs md:group-data-collapsed/shell:hidden" aria-hidden="true">
            ⌘K
          </span>
        </button>
        <RailLink to={`/o/${org.slug}/settings`} icon={Settings} text="Settings" />
        <button
          type="button"
          popoverTarget="user-menu"
          title={user.email}
          className={`${line} ${quiet} w-full cursor-pointer text-left`}
        >
          <Initial name={user.name} />
          <span className={label}>{user.name}</span>
          <ChevronsUpDown
            aria-hidden="true"
            className="ml-auto size-3.5 shrink-0 md:group-data-collapsed/shell:hidden"
          />
        </button>
        <button
          type="button"
          aria-pressed={collapsed}
          title={collapsed ? 'Expand navigation' : undefined}
          onClick={() => onCollapse(!collapsed)}
          className={`${line} ${quiet} with-scripts hidden w-full cursor-pointer md:flex`}
        >
          <PanelLeft aria-hidden="true" className="size-4 shrink-0" />
          <span className={label}>Collapse navigation</span>
        </button>
        <UserMenu user={user} />
      </div>
    </aside>
  );
}

function Workspaces({
  org,
  organizations,
  mayCreateWorkspace,
}: Pick<ShellData, 'org' | 'organizations' | 'mayCreateWorkspace'>) {
  return (
    <>
      <button
        type="button"
        popoverTarget="workspaces"
        title={org.name}
        className="flex min-h-11 w-full min-w-0 cursor-pointer items-center gap-2.5 rounded-md px-1 text-left hover:bg-sunken md:group-data-collapsed/shell:justify-center"
      >
        <Mark />
        <span className={`${label} font-semibold`}>
          <span className="sr-only">Workspace </span>
          {org.name}
        </span>
        <ChevronsUpDown
          aria-hidden="true"
          className="ml-auto size-3.5 shrink-0 text-muted md:group-data-collapsed/shell:hidden"
        />
      </button>
      <div id="workspaces" popover="auto" className={`${popup} top-14 bottom-auto`}>
        <p className="px-2.5 py-1.5 text-muted text-xs">Workspaces</p>
        {organizations.map(({ slug, name }) => (
          <Link
            key={slug}
            to={`/o/${slug}`}
            aria-current={slug === org.slug ? 'true' : undefined}
            className={`${line} hover:bg-sunken aria-[current]:text-accent`}
          >
            <span className="truncate">{name}</span>
          </Link>
        ))}
        {mayCreateWorkspace ? (
          <Link to="/workspaces/new" className={`${line} ${quiet}`}>
            <Plus aria-hidden="true" className="size-4" />
            Create workspace
          </Link>
        ) : null}
      </div>
    </>
  );
}

function UserMenu({ user }: Pick<ShellData, 'user'>) {
  const { theme, choices, choose } = useTheme();
  const { pathname, search } = useLocation();
  return (
    <div id="user-menu" popover="auto" className={`${popup} top-auto bottom-14`}>
      <div className="px-2.5 py-1.5">
        <p className="truncate font-medium">{user.name}</p>
        <p className="truncate text-muted text-xs">{user.email}</p>
      </div>
      <Link to="/profile" className={`${line} ${quiet}`}>
        <UserRound aria-hidden="true" className="size-4" />
        Profile
      </Link>
      <Form method="post" action="/profile" className="border-line border-y py-1">
        <input type="hidden" name="intent" value="appearance" />
        <input type="hidden" name="to" value={pathname + search} />
        <fieldset>
          <legend className="sr-only">Theme</legend>
          {choices.map((each) => (
            <label key={each.theme} className={`${line} ${quiet} cursor-pointer`}>
              <input
                type="radio"
                name="theme"
                value={each.theme}
                checked={theme === each.theme}
                onChange={() => choose(each.theme)}
                className="accent-accent"
              />
              {each.label}
            </label>
          ))}
        </fieldset>
        <noscript>
          <button type="submit" className={`${line} ${quiet} w-full`}>
            Apply theme
          </button>
        </noscript>
      </Form>
      <Link to="/docs" className={`${line} ${quiet}`}>
        <BookOpen aria-hidden="true" className="size-4" />
        Documentation
      </Link>
      <Form method="post" action="/sign-out">
        <button type="submit" className={`${line} ${quiet} w-full cursor-pointer`}>
          <LogOut aria-hidden="true" className="size-4" />
          Sign out
        </button>
      </Form>
    </div>
  );
}

function EntryLink({ org, entry, count }: { org: ShellData['org']; entry: Entry; count: number }) {
  const { to, text, icon: Icon } = entry;
  return (
    <NavLink
      to={`/o/${org.slug}${to ? `/${to}` : ''}`}
      end={to === ''}
      title={text}
      className={({ isActive }) => `${line} relative ${isActive ? 'bg-accent-soft text-accent' : quiet}`}
    >
      <Icon aria-hidden="true" className="size-4 shrink-0" />
      <span className={label}>{text}</span>
      {count > 0 ? (
        <span
          className={`ml-auto rounded-full px-2 font-semibold text-xs tabular-nums md:group-data-collapsed/shell:-top-0.5 md:group-data-collapsed/shell:-right-1 md:group-data-collapsed/shell:absolute md:group-data-collapsed/shell:px-1 ${entry.count === 'incidents' ? 'bg-fail-soft text-fail' : 'bg-sunken text-ink'}`}
        >
          {count > 99 ? '99+' : count}
          <span className="sr-only"> open</span>
        </span>
      ) : null}
    </NavLink>
  );
}

function RailLink({ to, icon: Icon, text }: { to: string; icon: LucideIcon; text: string }) {
  return (
    <NavLink
      to={to}
      title={text}
      className={({ isActive }) => `${line} ${isActive ? 'bg-accent-soft text-accent' : quiet}`}
    >
      <Icon aria-hidden="true" className="size-4 shrink-0" />
      <span className={label}>{text}</span>
    </NavLink>
  );
}

function Initial({ name }: { name: string }) {
  return (
    <span
      aria-hidden="true"
      className="grid size-5 shrink-0 place-items-center rounded-full bg-accent-soft font-semibold text-accent text-xs"
    >
      {[...name.trim()][0]?.toUpperCase()}
    </span>
  );
}
