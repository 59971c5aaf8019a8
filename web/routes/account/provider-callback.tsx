import { data, type MetaFunction, redirect, useLoaderData } from 'react-router';
import { httpStatus } from '../../../domain/error/codes.ts';
import { isArmatureError } from '../../../domain/error/error.ts';
import { completeProviderSignIn } from '../../../services/account/oidc/complete.ts';
import { cookieHeaders } from '../../shell/cookies.server.ts';
import { toProblem } from '../../shell/problem.ts';
import { requestContext } from '../../shell/request-context.ts';
import { publicLoader } from '../../shell/route.server.ts';
import { Welcome } from '../../shell/welcome.tsx';
import { LinkButton } from '../../ui/base/button.tsx';
import { Notice } from '../../ui/base/notice.tsx';

export const meta: MetaFunction = () => [{ title: 'Sign in · Armature' }];

/** Where the OpenID provider sends the browser back to. */
export const loader = publicLoader(async ({ ctx, context, url }) => {
  const { visit } = context.get(requestContext);
  try {
    const { to, cookies } = await completeProviderSignIn(ctx, { visit, query: url.search.slice(1) });
    throw redirect(to, { headers: cookieHeaders(cookies) });
  } catch (error) {
    if (!isArmatureError(error)) throw error;
    return data(toProblem(error, ctx.requestId), { status: httpStatus(error.code) });
  }
});

/** Only what failed is shown. */
export default function ProviderCallback() {
  const { message, remediation } = useLoaderData<typeof loader>();
  return (
    <Welcome title="You are not signed in" note="The sign-in at the provider came back without success.">
      <div className="space-y-4 [overflow-wrap:anywhere]">
        <Notice tone="bad" alert title={message}>
          {remediation}
        </Notice>
        <LinkButton to="/sign-in">Back to the sign-in page</LinkButton>
      </div>
    </Welcome>
  );
}
