import { redirect } from 'react-router';
import { beginProviderSignIn } from '../../../services/account/oidc/begin.ts';
import { cookieHeaders } from '../../shell/cookies.server.ts';
import { publicLoader, toReturnPath } from '../../shell/route.server.ts';

/** Leads to the OpenID provider. */
export const loader = publicLoader(async ({ ctx, session, url }) => {
  const to = toReturnPath(url);
  if (session) throw redirect(to);
  const begun = await beginProviderSignIn(ctx, { to });
  throw redirect(begun.url, { headers: cookieHeaders([begun.cookie]) });
});
