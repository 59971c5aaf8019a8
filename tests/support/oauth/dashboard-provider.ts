import { callbackPath } from '../../../infra/oidc/index.ts';
import { type ProviderOptions, startProvider, type TestProvider } from './provider.ts';

/** A provider at which people sign in to the dashboard. `env`: for the configuration of Armature. */
export type DashboardProvider = TestProvider & {
  env: Record<string, string>;
  /** Registers the dashboard, once its address is known. */
  register(url: string): void;
};

/** People are called by their e-mail address. Those of `unverified.example.com` have not verified theirs. */
export async function startDashboardProvider(options: ProviderOptions = {}): Promise<DashboardProvider> {
  const provider = await startProvider({
    claimsOf: (user) => ({
      email: user,
      email_verified: !user.endsWith('@unverified.example.com'),
      name: 'Grace Hopper',
    }),
    ...options,
  });
  return {
    ...provider,
    env: {
      ARMATURE_OIDC_ISSUER: provider.issuer,
      ARMATURE_OIDC_CLIENT_ID: 'armature',
      ARMATURE_OIDC_CLIENT_SECRET: 'a secret of the dashboard',
    },
    register(url) {
      provider.store.rows.set('Client:armature', {
        client_id: 'armature',
        client_secret: 'a secret of the dashboard',
        redirect_uris: [`${url}${callbackPath}`],
        application_type: 'native',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
      });
    },
  };
}
