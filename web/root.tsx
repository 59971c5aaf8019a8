import type { ReactNode } from 'react';
import { Links, type LinksFunction, Meta, type MetaFunction, Outlet, Scripts, ScrollRestoration } from 'react-router';
import { ErrorPage } from './shell/error-page.tsx';
import { useNonce } from './shell/nonce.tsx';
import { NavigationProgress } from './shell/progress.tsx';
import styles from './styles/app.css?url';
import icon from './styles/icon.svg?url';

export const links: LinksFunction = () => [
  { rel: 'stylesheet', href: styles },
  { rel: 'icon', href: icon, type: 'image/svg+xml' },
];

export const meta: MetaFunction = () => [{ title: 'Armature' }];

export function Layout({ children }: { children: ReactNode }) {
  const nonce = useNonce();
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <Meta />
        <Links />
      </head>
      <body>
        <NavigationProgress />
        {children}
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

export default function App() {
  return <Outlet />;
}

export function ErrorBoundary() {
  return (
    <main className="mx-auto grid min-h-screen max-w-xl place-content-center p-6">
      <ErrorPage />
    </main>
  );
}
