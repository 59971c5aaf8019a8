import { text } from '../../shell/form.ts';

/** What settings-fields.tsx sends. */
export function parseOAuth(form: FormData) {
  const kind =
    text(form, 'authKind') === 'oauth_client_credentials'
      ? ('oauth_client_credentials' as const)
      : ('oauth_authorization_code' as const);
  return {
    kind,
    clientId: text(form, 'clientId'),
    clientSecret: text(form, 'clientSecret'),
    privateKey: text(form, 'privateKey'),
    createKey: form.has('createKey'),
    scopes: text(form, 'scopes'),
    issuer: text(form, 'issuer'),
    authorizationEndpoint: text(form, 'authorizationEndpoint'),
    tokenEndpoint: text(form, 'tokenEndpoint'),
    audience: text(form, 'audience'),
    resource: text(form, 'resource'),
  };
}
