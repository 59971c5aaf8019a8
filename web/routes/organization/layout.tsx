import type { ReactNode } from 'react';
import { Outlet, useLoaderData } from 'react-router';
import { countOpenIncidents } from '../../../services/incident/count-open.ts';
import { ErrorPage } from '../../shell/error-page.tsx';
import { SideNav } from '../../shell/nav.tsx';
import { memberLoader } from '../../shell/route.server.ts';

export const loader = memberLoader(async ({ ctx, org, session }) => ({
  org,
  openIncidents: (await countOpenIncidents(ctx, {})).count,
  user: session.user,
  organizations: session.organizations.map(({ slug, name }) => ({ slug, name })),
}));

export default function Organization() {
  const { org, user, organizations, openIncidents } = useLoaderData<typeof loader>();
  return (
    <Frame nav={<SideNav org={org} organizations={organizations} user={user} openIncidents={openIncidents} />}>
      <Outlet />
    </Frame>
  );
}

function Frame({ nav, children }: { nav: ReactNode; children: ReactNode }) {
  return (
    <div className="min-h-screen md:flex">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-accent-ink focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      {nav}
      <main id="content" className="min-w-0 flex-1 px-4 py-6 md:px-8 md:py-8">
        <div className="mx-auto max-w-6xl">{children}</div>
      </main>
    </div>
  );
}

export function ErrorBoundary() {
  return (
    <main className="mx-auto grid min-h-screen max-w-xl place-content-center p-6">
      <ErrorPage />
    </main>
  );
}
