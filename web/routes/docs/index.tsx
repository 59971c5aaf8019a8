import { redirect } from 'react-router';
import { publicLoader } from '../../shell/route.server.ts';

export const loader = publicLoader(async () => {
  throw redirect('/docs/workflows');
});
