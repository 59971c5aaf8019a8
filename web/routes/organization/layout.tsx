import { data, Outlet, useLoaderData } from 'react-router';
import { ErrorPage } from '../../shell/errors/error-page.tsx';
import { AppShell } from '../../shell/frame/app-shell.tsx';
import { readShell } from '../../shell/frame/shell.server.ts';
import { LiveProvider } from '../../shell/live/live.tsx';
import { frameLoader, rememberWorkspace } from '../../shell/route.server.ts';

export const loader = frameLoader(async (member) =>
  data(await readShell(member), {
    headers: member.params.org === member.org.slug ? { 'Set-Cookie': rememberWorkspace(member.org.slug) } : {},
  }),
);

export default function Organization() {
  const shell = useLoaderData<typeof loader>();
  const { slug } = shell.org;
  return (
    <LiveProvider key={slug} url={`/o/${slug}/live`} position={shell.position}>
      <AppShell {...shell}>
        <Outlet />
      </AppShell>
    </LiveProvider>
  );
}

/** Without the frame, whose own data could not be loaded. */
export function ErrorBoundary() {
  return (
    <main className="mx-auto grid min-h-screen max-w-xl place-content-center p-6">
      <ErrorPage />
    </main>
  );
}
