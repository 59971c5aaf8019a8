import { redirect } from 'react-router';
import { memberLoader } from '../../shell/route.server.ts';

/** Pages that were directly below the workspace, and are below its settings. */
export const loader = memberLoader(async ({ url, path }) => {
  const page = url.pathname.split('/').at(-1);
  throw redirect(path(`settings/${page}${url.search}`), 301);
});
