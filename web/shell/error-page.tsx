import { isRouteErrorResponse, useRouteError } from 'react-router';
import { LinkButton } from '../ui/button.tsx';
import { isProblem } from './problem.ts';

/** Shown instead of a route that failed. */
export function ErrorPage() {
  const error = useRouteError();
  const problem = isRouteErrorResponse(error) && isProblem(error.data) ? error.data : null;
  const notFound = isRouteErrorResponse(error) && error.status === 404;
  const title = problem?.message ?? (notFound ? 'Page not found.' : 'Something went wrong on our side.');
  return (
    <div className="rounded-lg border border-line bg-surface p-8 text-center">
      <p className="text-xs font-semibold text-muted">{isRouteErrorResponse(error) ? error.status : 500}</p>
      <h1 className="mt-1 text-lg font-semibold break-words">{title}</h1>
      <p className="mt-2 text-muted">
        {problem?.remediation ??
          (notFound
            ? 'The address may be wrong, or the page no longer exists.'
            : 'Reload the page, or go back and try again.')}
      </p>
      {problem?.code === 'internal_error' ? (
        <p className="mt-2 text-muted">
          Request <code className="font-mono">{problem.requestId}</code>
        </p>
      ) : null}
      <div className="mt-6">
        <LinkButton to="/" reloadDocument>
          Go to the home page
        </LinkButton>
      </div>
    </div>
  );
}
