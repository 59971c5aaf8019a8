import { redirect } from 'react-router';
import { lastMember, publicLoader } from '../shell/route.server.ts';

/** Leads to the last workspace. */
export const loader = publicLoader(async (visiting) => {
  if (!visiting.session) throw redirect('/sign-in');
  const member = await lastMember(visiting);
  throw redirect(member ? `/o/${member.org.slug}` : '/workspaces/new');
});
