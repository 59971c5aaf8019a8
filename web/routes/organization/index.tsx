import { redirect } from 'react-router';
import { memberLoader } from '../../shell/route.server.ts';

export const loader = memberLoader(async ({ path }) => {
  throw redirect(path('workflows'));
});
