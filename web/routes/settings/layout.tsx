import { Outlet, useLoaderData } from 'react-router';
import { settingsOf } from '../../shell/frame/entries.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { NavLink } from '../../ui/page/link.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';

export const loader = memberLoader(async ({ org }) => ({ role: org.role }));

/** The settings of a workspace: one tab for each page that the role may see. The pages have no heading of their own. */
export default function Settings() {
  const { role } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader title="Settings" />
      <nav aria-label="Settings" className="mb-6 flex flex-wrap gap-x-1 border-line border-b">
        {settingsOf(role).map(({ to, text }) => (
          <NavLink
            key={to}
            to={to}
            className={({ isActive }) =>
              `-mb-px inline-flex min-h-11 items-center border-b-2 px-3 font-medium md:min-h-10 ${isActive ? 'border-accent text-accent' : 'border-transparent text-muted hover:text-ink'}`
            }
          >
            {text}
          </NavLink>
        ))}
      </nav>
      <Outlet />
    </>
  );
}
