import { NavLink } from './link.tsx';

/** Tabs that are addresses. On small screens they scroll by themselves, not the page. */
export function Tabs({
  tabs,
  label = 'Sections',
}: {
  tabs: { to: string; text: string; count?: number }[];
  label?: string;
}) {
  return (
    <nav aria-label={label} className="mt-4 flex gap-4 overflow-x-auto border-line border-b">
      {tabs.map(({ to, text, count }) => (
        <NavLink
          key={to}
          to={to}
          end
          preventScrollReset
          className={({ isActive }) =>
            `-mb-px flex min-h-11 shrink-0 items-center gap-1.5 border-b-2 text-sm font-medium whitespace-nowrap md:min-h-9 ${isActive ? 'border-accent text-ink' : 'border-transparent text-muted hover:text-ink'}`
          }
        >
          {text}
          {count === undefined ? null : <span className="text-xs text-muted tabular-nums">{count}</span>}
        </NavLink>
      ))}
    </nav>
  );
}
