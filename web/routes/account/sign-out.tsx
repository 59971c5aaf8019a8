import { redirect } from 'react-router';
import { signOut } from '../../../services/account/sign-out.ts';
import { cookieHeaders } from '../../shell/cookies.server.ts';
import { requestContext } from '../../shell/request-context.ts';
import { publicAction, publicLoader } from '../../shell/route.server.ts';

export const loader = publicLoader(async () => {
  throw redirect('/');
});

export const action = publicAction(async ({ ctx, context }) => {
  const { visit } = context.get(requestContext);
  const { cookies } = await signOut(ctx, { visit });
  throw redirect('/sign-in', { headers: cookieHeaders(cookies) });
});
