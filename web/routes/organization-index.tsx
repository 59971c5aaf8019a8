import { redirect } from '@remix-run/node';
import { memberLoader } from '../handle.server.ts';

export const loader = memberLoader(async ({ path }) => {
  throw redirect(path('workflows'));
});
