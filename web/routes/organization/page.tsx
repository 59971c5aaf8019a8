import { type MetaFunction, Outlet } from 'react-router';
import { followConnection } from '../../shell/errors/connection.ts';
import { describeError } from '../../shell/errors/error-labels.ts';
import { ErrorPage } from '../../shell/errors/error-page.tsx';

/** Only with an error: otherwise the page has its own title. */
export const meta: MetaFunction = ({ error }) => [
  { title: error === undefined ? 'Armature' : `${describeError(error).title} · Armature` },
];

export const clientMiddleware = [followConnection];

export default Outlet;

/** Errors of pages are shown inside the frame. */
export const ErrorBoundary = ErrorPage;
