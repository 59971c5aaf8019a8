import { isRouteErrorResponse } from 'react-router';
import { isProblem, type Problem } from '../problem.ts';

export type ErrorDescription = {
  /** Null where no server answered. */
  status: number | null;
  title: string;
  todo: string;
  requestId: string | null;
  /** Whether the same page may work a moment later. */
  canRetry: boolean;
};

/** Id of the element that is shown instead of a page. */
export const errorPageId = 'error-page';

/** Thrown for a page that could not be loaded because no server answered. */
export class OfflineError extends Error {
  override name = 'OfflineError';
}

/** What a person reads of a page that failed. @param error what a route threw, or its `Problem` */
export function describeError(error: unknown): ErrorDescription {
  if (error instanceof OfflineError)
    return {
      status: null,
      title: 'You are offline',
      todo: 'Armature does not answer. Check your connection, then try again.',
      requestId: null,
      canRetry: true,
    };
  const problem = isProblem(error) ? error : isRouteErrorResponse(error) && isProblem(error.data) ? error.data : null;
  const status = isRouteErrorResponse(error) ? error.status : problem ? statusOf(problem) : 500;
  return { status, ...labels(status, problem), requestId: problem?.requestId ?? null };
}

const statusOf = ({ code }: Problem): number => (code.endsWith('_not_found') ? 404 : 500);

function labels(status: number, problem: Problem | null): Pick<ErrorDescription, 'title' | 'todo' | 'canRetry'> {
  if (status === 403)
    return {
      title: 'Your role does not allow this',
      todo: problem?.remediation ?? 'Ask an owner or admin of the workspace.',
      canRetry: false,
    };
  if (status === 404)
    return {
      title: problem ? problem.message.replace(/\.$/, '') : 'Page not found',
      todo: 'It may have been deleted, or the address is wrong.',
      canRetry: false,
    };
  if (status === 429)
    return {
      title: 'Too many requests',
      todo: problem?.remediation ?? 'Wait a minute, then try again.',
      canRetry: true,
    };
  if (status >= 502 && status <= 504)
    return { title: 'Armature does not answer', todo: 'It may be restarting. Try again in a moment.', canRetry: true };
  if (status >= 500 || !problem)
    return {
      title: 'Something went wrong on our side',
      todo: 'Try again. If it happens again, give the operator of this installation the request id.',
      canRetry: true,
    };
  return { title: problem.message.replace(/\.$/, ''), todo: problem.remediation, canRetry: false };
}
