import { redirect } from '@remix-run/node';
import { signOut } from '../../../services/account/sign-out.ts';
import { cookieHeaders } from '../../shell/cookies.server.ts';
import { publicAction, publicLoader } from '../../shell/route.server.ts';

export const loader = publicLoader(async () => {
  throw redirect('/');
});

export const action = publicAction(async ({ ctx, context }) => {
  const { cookies } = await signOut(ctx, { visit: context.visit });
  throw redirect('/sign-in', { headers: cookieHeaders(cookies) });
});
