import { useEffect } from 'react';
import { useLocation, useParams, useRevalidator, useRouteError } from 'react-router';
import { Button, LinkButton } from '../../ui/base/button.tsx';
import { groups } from '../frame/entries.ts';
import { describeError, type ErrorDescription, errorPageId } from './error-labels.ts';

/** Shown instead of a route that failed. */
export function ErrorPage() {
  return <ErrorView {...describeError(useRouteError())} />;
}

/** What went wrong, and ways on: again, to the list that the page belongs to, or home. */
export function ErrorView({
  status,
  title,
  todo,
  requestId,
  canRetry,
  onRetry,
}: ErrorDescription & {
  /** @default loads the page's data again */
  onRetry?: () => void;
}) {
  const { revalidate, state } = useRevalidator();
  const retry = onRetry ?? revalidate;
  const { pathname } = useLocation();
  const { org } = useParams();
  const list = groups.flatMap(({ entries }) => entries).find(({ to }) => to && pathname.startsWith(`/o/${org}/${to}/`));
  useEffect(() => {
    if (!canRetry) return;
    window.addEventListener('online', retry);
    return () => window.removeEventListener('online', retry);
  }, [canRetry, retry]);
  return (
    <div id={errorPageId} className="py-12 text-center">
      {status === null ? null : <p className="font-semibold text-muted text-xs">{status}</p>}
      <h1 className="mt-1 font-semibold text-xl">{title}</h1>
      <p className="mx-auto mt-2 max-w-prose text-muted">{todo}</p>
      <div className="mt-6 flex flex-wrap justify-center gap-2">
        {canRetry ? (
          <Button type="button" variant="primary" onClick={retry} disabled={state !== 'idle'} className="with-scripts">
            {state === 'idle' ? 'Retry' : 'Retrying …'}
          </Button>
        ) : null}
        {list ? <LinkButton to={`/o/${org}/${list.to}`}>All {list.text.toLowerCase()}</LinkButton> : null}
        <LinkButton to="/">Go to the home page</LinkButton>
      </div>
      {requestId ? (
        <p className="mt-6 text-muted text-xs">
          Request id <code className="font-mono">{requestId}</code>
        </p>
      ) : null}
    </div>
  );
}
