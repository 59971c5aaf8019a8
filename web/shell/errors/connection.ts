import { type DataStrategyResult, data, type MiddlewareFunction } from 'react-router';
import { toValues } from '../form.ts';
import { pageAddress } from '../page-address.ts';
import { isProblem, type Problem } from '../problem.ts';
import { SessionEnded } from '../session/session-ended.ts';
import { errorPageId, OfflineError } from './error-labels.ts';

type Results = Record<string, DataStrategyResult>;

/**
 * What pages do when no server answers, or when the session has ended. A form keeps its content. The page that is open
 * keeps what it shows while its data can't be reloaded. Another page is shown as offline, inside the frame.
 */
export const followConnection: MiddlewareFunction<Results> = ({ request }, next) =>
  request.method === 'GET' ? followLoad(request, next) : followForm(request, next);

async function followLoad(request: Request, next: () => Promise<Results>): Promise<Results> {
  const url = new URL(request.url);
  const isReload = pageAddress(url) === pageAddress(window.location) && document.getElementById(errorPageId) === null;
  // Before React Router looks for the code of the page: without it, it would reload the document.
  if (!navigator.onLine && !isReload) throw new OfflineError();
  const results = await next();
  let hasEnded = false;
  for (const [routeId, { type, result }] of Object.entries(results)) {
    const leadsToSignIn = result instanceof Response && isSignIn(result.headers.get('Location'));
    if (isReload && leadsToSignIn) hasEnded = true;
    // What has no result keeps its data.
    if (isReload && (leadsToSignIn || isUnanswered(type, result))) delete results[routeId];
    else if (isUnanswered(type, result)) results[routeId] = { type: 'error', result: new OfflineError() };
  }
  if (hasEnded) window.dispatchEvent(new SessionEnded({ form: null, url }));
  return results;
}

async function followForm(request: Request, next: () => Promise<Results>): Promise<Results> {
  const form = await request.clone().formData();
  const results = await next();
  for (const [routeId, { type, result }] of Object.entries(results)) {
    // React Router puts an action's data, and its error, beside a status.
    const answer = typeof result === 'object' && result !== null && 'data' in result ? result.data : result;
    const problem = isUnanswered(type, answer) ? offline : endedSession(answer);
    if (!problem) continue;
    results[routeId] = { type: 'data', result: data({ problem, values: toValues(form) }, { status: 503 }) };
    if (problem !== offline) window.dispatchEvent(new SessionEnded({ form, url: new URL(request.url) }));
  }
  return results;
}

const isSignIn = (location: string | null): boolean => location?.startsWith('/sign-in') === true;

/** `fetch` fails with a TypeError alone. Those of the server's code arrive as responses. */
const isUnanswered = (type: DataStrategyResult['type'], result: unknown): boolean =>
  type === 'error' && result instanceof TypeError;

function endedSession(answer: unknown): Problem | null {
  if (typeof answer !== 'object' || answer === null || !('problem' in answer)) return null;
  return isProblem(answer.problem) && answer.problem.code === 'unauthenticated' ? answer.problem : null;
}

const offline: Problem = {
  code: 'offline',
  message: 'You are offline. Nothing was sent.',
  remediation: 'Check your connection, then send the form again.',
  fieldErrors: [],
  requestId: '',
};
