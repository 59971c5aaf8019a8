import { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import { type Oidc, OidcError } from '../../../infra/oidc/index.ts';
import type { Deps } from '../../context/context.ts';
import { useCase } from '../../context/use-case.ts';
import { writePending } from './cookie.ts';

/**
 * Begins a sign-in at the OpenID provider of the installation.
 * @returns `url`: where the browser goes. `cookie`: a `Set-Cookie` value, which the end needs
 * @throws ArmatureError `resource_not_found` (there is none), `sign_in_failed`
 */
export const beginProviderSignIn = useCase({
  name: 'account.begin_provider_sign_in',
  access: 'anyone',
  input: z.object({ to: z.string().max(2000) }),
  async run({ config, log, now, oidc, requestId }, { to }): Promise<{ url: string; cookie: string }> {
    const { url, pending } = await atProvider({ log, oidc, requestId }, (provider) => provider.begin());
    return { url, cookie: writePending(config, { ...pending, to }, now()) };
  },
});

/** @throws ArmatureError `resource_not_found`, `sign_in_failed` */
export async function atProvider<T>(
  { log, oidc, requestId }: Pick<Deps, 'log' | 'oidc'> & { requestId: string },
  work: (provider: Oidc) => Promise<T>,
): Promise<T> {
  if (oidc === null)
    throw new ArmatureError(
      'resource_not_found',
      'This installation has no other way to sign in.',
      'Sign in with your e-mail address and password.',
    );
  try {
    return await work(oidc);
  } catch (error) {
    if (!(error instanceof OidcError)) throw error;
    log.warn({ err: error, requestId }, 'sign-in at the OpenID provider failed');
    throw new ArmatureError(
      'sign_in_failed',
      `${oidc.name} did not sign you in.`,
      'Try again. If it happens again, ask the operator, whose log of the api says why.',
    );
  }
}
