import { pageNotFound } from '../../shell/problem.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';

export const loader = memberLoader(async () => {
  throw pageNotFound();
});

export const action = memberAction(async () => {
  throw pageNotFound();
});

/** Never shown, but a route without a component would answer with data instead of the error page. */
export default function NotFound() {
  return null;
}
