const mcp = 'https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization';

/** What a server or its authorization server has to do for a sign-in. `must` and `should` as the specification says. */
export const signInRules = {
  'refuses-without-token': {
    level: 'must',
    title: 'A request without a token is refused with HTTP 401',
    remedy: 'Answer requests without a token with 401, also initialize and server/discover.',
    reference: `${mcp}#error-handling`,
  },
  'challenge-names-metadata': {
    level: 'should',
    title: 'The refusal names the metadata of the protected resource',
    remedy: 'Add WWW-Authenticate: Bearer resource_metadata="…" to the 401.',
    reference: `${mcp}/authorization-server-discovery`,
  },
  'challenge-names-scope': {
    level: 'should',
    title: 'The refusal names the scopes that are needed',
    remedy: 'Add scope="…" to the WWW-Authenticate header.',
    reference: `${mcp}#scope-selection-strategy`,
  },
  'resource-metadata': {
    level: 'must',
    title: 'The server publishes metadata of the protected resource',
    remedy: 'Serve the document at /.well-known/oauth-protected-resource, followed by the path of the endpoint.',
    reference: `${mcp}/authorization-server-discovery`,
  },
  'resource-identifier': {
    level: 'must',
    title: "The metadata's resource is the address of the server",
    remedy: 'Set resource to the public URL of the MCP endpoint, without a trailing slash that it does not have.',
    reference: 'https://www.rfc-editor.org/rfc/rfc9728#section-3.3',
  },
  'authorization-servers': {
    level: 'must',
    title: 'The metadata names an authorization server',
    remedy: 'List the issuer in authorization_servers.',
    reference: `${mcp}/authorization-server-discovery`,
  },
  'no-offline-access': {
    level: 'should',
    title: 'The server asks for no offline_access',
    remedy: 'Leave offline_access out of scopes_supported and the challenge. Clients ask for it themselves.',
    reference: `${mcp}#refresh-tokens`,
  },
  'server-metadata': {
    level: 'must',
    title: 'The authorization server publishes its metadata',
    remedy: 'Serve /.well-known/oauth-authorization-server or /.well-known/openid-configuration for the issuer.',
    reference: `${mcp}/authorization-server-discovery`,
  },
  'issuer-identical': {
    level: 'must',
    title: 'The issuer in the metadata is the one that the server names',
    remedy: 'Make both the same text, also in the slash at the end.',
    reference: 'https://www.rfc-editor.org/rfc/rfc8414#section-3.3',
  },
  'endpoints-encrypted': {
    level: 'must',
    title: 'The endpoints of the authorization server use https',
    remedy: 'Announce https addresses.',
    reference: `${mcp}/security-considerations`,
  },
  'pkce-s256': {
    level: 'must',
    title: 'PKCE with S256 is announced',
    remedy: 'Add code_challenge_methods_supported: ["S256"] to the metadata.',
    reference: `${mcp}/security-considerations`,
  },
  'announces-issuer': {
    level: 'should',
    title: 'The authorization server says in its answers who it is',
    remedy: 'Send iss with each authorization answer, and announce authorization_response_iss_parameter_supported.',
    reference: `${mcp}#authorization-response-validation`,
  },
  'client-documents': {
    level: 'should',
    title: 'The authorization server reads client metadata documents',
    remedy: 'Support client ids that are addresses, and announce client_id_metadata_document_supported.',
    reference: `${mcp}/client-registration`,
  },
  'registration-answer': {
    level: 'must',
    title: 'A registration is answered with HTTP 201 and a client id',
    remedy: 'Answer the registration as RFC 7591 says.',
    reference: 'https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1',
  },
  'issuer-returned': {
    level: 'must',
    title: 'The authorization answer comes from the expected issuer',
    remedy: 'Send exactly the issuer of the metadata as iss, and send it whenever it is announced.',
    reference: 'https://www.rfc-editor.org/rfc/rfc9207#section-2.4',
  },
  'authorization-granted': {
    level: 'must',
    title: 'The authorization request is granted',
    remedy: 'Read the error that the authorization server named.',
    reference: `${mcp}#authorization-flow-steps`,
  },
  'token-format': {
    level: 'must',
    title: 'The token endpoint answers with JSON',
    remedy: 'Answer with application/json, errors too.',
    reference: 'https://www.rfc-editor.org/rfc/rfc6749#section-5.1',
  },
  'token-error-status': {
    level: 'must',
    title: 'Errors of the token endpoint have a status of their own',
    remedy: 'Answer errors with 400, and invalid_client with 401.',
    reference: 'https://www.rfc-editor.org/rfc/rfc6749#section-5.2',
  },
  'token-type': {
    level: 'must',
    title: 'The token is a bearer token',
    remedy: 'Set token_type to Bearer.',
    reference: 'https://www.rfc-editor.org/rfc/rfc6749#section-5.1',
  },
  'token-lifetime': {
    level: 'should',
    title: 'The answer says how long the token is valid',
    remedy: 'Add expires_in. Without it, clients learn of the end by a refused request.',
    reference: 'https://www.rfc-editor.org/rfc/rfc6749#section-5.1',
  },
  'token-not-cached': {
    level: 'must',
    title: 'Answers with tokens may not be cached',
    remedy: 'Send Cache-Control: no-store.',
    reference: 'https://www.rfc-editor.org/rfc/rfc6749#section-5.1',
  },
  'token-accepted': {
    level: 'must',
    title: 'The server accepts the token',
    remedy: 'Accept tokens that the authorization server issues for this resource.',
    reference: `${mcp}#token-handling`,
  },
} as const;

export type SignInRule = keyof typeof signInRules;
/** What one exchange of a sign-in says about a rule. `detail` is one sentence for people. */
export type Finding = { rule: SignInRule; verdict: 'follows' | 'breaks'; detail: string };

export const toFinding = (rule: SignInRule, follows: boolean, detail: string): Finding => ({
  rule,
  verdict: follows ? 'follows' : 'breaks',
  detail,
});
