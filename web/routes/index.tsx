import { redirect } from 'react-router';
import { publicLoader } from '../shell/route.server.ts';

export const loader = publicLoader(async ({ session }) => {
  const [org] = session?.organizations ?? [];
  if (!session) throw redirect('/sign-in');
  if (!org) throw redirect('/sign-up');
  throw redirect(`/o/${org.slug}/workflows`);
});
