import { confirmIssuer } from '../../../services/auth-profile/sign-in/confirm-issuer.ts';
import { getSignIn, oauthProfileView } from '../../../services/auth-profile/sign-in/get.ts';
import { signOutProfile } from '../../../services/auth-profile/sign-in/sign-out.ts';
import { defineRoute } from '../route.ts';
import { ok } from '../schemas.ts';

export const signInRoutes = [
  defineRoute({
    method: 'GET',
    path: '/auth-profiles/{authProfileId}/sign-in',
    operation: 'getAuthProfileSignIn',
    summary: 'Returns how an OAuth profile is signed in, and the traces of its latest sign-ins',
    useCase: getSignIn,
    input: getSignIn.useCase.input,
    output: oauthProfileView.meta({ id: 'OAuthSignIn' }),
    run: (ctx, given) => getSignIn(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/auth-profiles/{authProfileId}/sign-out',
    operation: 'signOutAuthProfile',
    summary: 'Forgets the tokens of an OAuth profile',
    useCase: signOutProfile,
    input: signOutProfile.useCase.input,
    output: ok,
    async run(ctx, given) {
      await signOutProfile(ctx, given);
      return { ok: true as const };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/auth-profiles/{authProfileId}/issuer',
    operation: 'confirmAuthProfileIssuer',
    summary: 'Confirms the authorization server that a server names; tokens of another one are dropped',
    useCase: confirmIssuer,
    input: confirmIssuer.useCase.input,
    output: ok,
    async run(ctx, given) {
      await confirmIssuer(ctx, given);
      return { ok: true as const };
    },
  }),
];
