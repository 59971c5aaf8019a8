import type { ReactNode } from 'react';
import {
  Links,
  type LinksFunction,
  type LoaderFunctionArgs,
  Meta,
  type MetaFunction,
  Outlet,
  Scripts,
  ScrollRestoration,
  useRouteLoaderData,
} from 'react-router';
import { ErrorPage } from './shell/errors/error-page.tsx';
import { RouteAnnouncer } from './shell/frame/announcer.tsx';
import { NavigationProgress } from './shell/frame/progress.tsx';
import { useNonce } from './shell/nonce.tsx';
import { defaultReader, isFirstVisit, parseReader } from './shell/reader.ts';
import { ReaderProvider } from './shell/reader-provider.tsx';
import styles from './styles/app.css?url';
import icon from './styles/icon.svg?url';

export const links: LinksFunction = () => [
  { rel: 'stylesheet', href: styles },
  { rel: 'icon', href: icon, type: 'image/svg+xml' },
];

export const meta: MetaFunction = () => [{ title: 'Armature' }];

export const loader = ({ request }: LoaderFunctionArgs) => {
  const cookies = request.headers.get('cookie');
  return { reader: parseReader(cookies), isFirstVisit: isFirstVisit(cookies), renderedAt: Date.now() };
};

const withoutData = { reader: defaultReader, isFirstVisit: false, renderedAt: 0 };

export function Layout({ children }: { children: ReactNode }) {
  const nonce = useNonce();
  const reading = useRouteLoaderData<typeof loader>('root') ?? withoutData;
  const { theme } = reading.reader;
  return (
    <html lang="en" data-theme={theme}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content={theme === 'system' ? 'light dark' : theme} />
        <Meta />
        <Links />
      </head>
      <body>
        <NavigationProgress />
        <RouteAnnouncer />
        <ReaderProvider {...reading}>{children}</ReaderProvider>
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
