import { toEntries } from '../../json/json.ts';
import { coversServer } from '../../oauth/addresses.ts';
import type { Evidence } from '../evidence.ts';
import { couldNotRun, notApplicable, type Rule } from '../rule.ts';
import { type Answered, describe, findAnswer, quoteExchange } from './wire.ts';

const clause = 'MCP 2026-07-28, Authorization';

type AuthRule = Pick<Rule, 'id' | 'severity' | 'title' | 'clause' | 'remedy'> & {
  version?: number;
  step: string;
  unless?: (evidence: Evidence) => string | null;
  check: (answered: Answered, evidence: Evidence) => string | null;
};

/** A rule over requests without valid credentials. */
function authRule({ step, unless, check, version = 1, ...about }: AuthRule): Rule {
  return {
    ...about,
    version,
    area: 'conformance',
    applies(evidence) {
      if (!evidence.survey) return couldNotRun(evidence.withoutSurvey);
      const reason = (isProtected(evidence) ? null : 'The server is called without credentials.') ?? unless?.(evidence);
      if (reason) return notApplicable(reason);
      const exchange = evidence.survey.exchanges.find((each) => each.step === step);
      if (exchange?.answer) return true;
      const { stopped, withoutTokens } = evidence.survey;
      return couldNotRun(exchange?.failure ?? stopped ?? withoutTokens ?? 'The request was not sent.');
    },
    check(evidence) {
      const answered = findAnswer(evidence, step);
      const problem = answered && check(answered, evidence);
      return problem
        ? [{ subject: step, message: problem, wire: quoteExchange(answered.exchange, answered.answer) }]
        : [];
    },
  };
}

const isProtected = (evidence: Evidence): boolean =>
  evidence.credentials !== 'none' || findAnswer(evidence, 'auth.none')?.answer.status === 401;

/** Whether the 401 or its well-known address says that sign-in is by OAuth. */
const usesOAuth = (evidence: Evidence): boolean =>
  /resource_metadata/i.test(challengeOf(evidence)) || metadataOf(evidence) !== null;
const withoutOAuth = (evidence: Evidence): string | null =>
  usesOAuth(evidence) ? null : 'The server does not use OAuth.';
const challengeOf = (evidence: Evidence): string =>
  findAnswer(evidence, 'auth.none')?.answer.headers['www-authenticate'] ?? '';
const documentOf = (evidence: Evidence, step: string): Map<string, unknown> | null => {
  const answer = findAnswer(evidence, step)?.answer;
  return answer?.status === 200 ? toEntries(answer.messages[0]) : null;
};
const metadataOf = (evidence: Evidence) => documentOf(evidence, 'auth.resource-metadata');
const issuerOf = (evidence: Evidence) => documentOf(evidence, 'auth.server-metadata');
const withoutIssuer = (evidence: Evidence): string | null =>
  withoutOAuth(evidence) ?? (issuerOf(evidence) ? null : 'The metadata of the authorization server could not be read.');
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const refused = ({ answer, result }: Answered, what: string): string | null =>
  answer.status === 401
    ? null
    : result
      ? `The server worked with ${what}.`
      : `It was answered by HTTP ${answer.status}, not 401.`;

/** Elsewhere, a made-up token could count as a failed sign-in of somebody. */
const withoutTokens = (evidence: Evidence): string | null =>
  metadataOf(evidence)
    ? null
    : (evidence.survey?.withoutTokens ?? 'The server announces no OAuth metadata, so no made-up tokens are sent.');

const negative = (id: string, step: string, what: string): Rule =>
  authRule({
    id,
    version: 2,
    severity: 'must',
    unless: withoutTokens,
    title: `Requests with ${what} are refused with HTTP 401`,
    clause: `${clause}: Token handling`,
    remedy: `Verify signature, issuer, audience and expiry of each token, and answer ${what} with HTTP 401.`,
    step,
    check: (answered) => refused(answered, what),
  });

export const signInRules: readonly Rule[] = [
  authRule({
    id: 'auth-required',
    severity: 'must',
    title: 'Requests without credentials are refused with HTTP 401',
    clause: `${clause}: Error handling`,
    remedy: 'Answer requests without credentials with HTTP 401, or call the server without credentials.',
    step: 'auth.none',
    check: (answered) =>
      answered.result ? 'The server works without the credentials.' : refused(answered, 'no credentials'),
  }),
  negative('auth-unknown-token', 'auth.unknown-token', 'an unknown token'),
  negative('auth-expired-token', 'auth.expired-token', 'an expired token'),
  negative('auth-other-audience', 'auth.other-audience', 'a token for another audience'),
  authRule({
    id: 'auth-challenge',
    severity: 'must',
    title: 'HTTP 401 names the scheme in WWW-Authenticate',
    clause: 'RFC 9110, 11.6.1',
    remedy: 'Add a WWW-Authenticate header, such as Bearer resource_metadata="…".',
    step: 'auth.none',
    unless: (evidence) =>
      findAnswer(evidence, 'auth.none')?.answer.status === 401 ? null : 'The server does not answer with HTTP 401.',
    check: ({ answer }) =>
      answer.headers['www-authenticate'] ? null : 'The answer with HTTP 401 has no WWW-Authenticate.',
  }),
  authRule({
    id: 'auth-challenge-metadata',
    severity: 'should',
    title: 'WWW-Authenticate leads to the metadata of the resource',
    clause: `${clause}: Protected resource metadata discovery`,
    remedy: 'Add resource_metadata with the address of the metadata to WWW-Authenticate.',
    step: 'auth.none',
    unless: withoutOAuth,
    check: (_, evidence) =>
      /\bresource_metadata\s*=/i.test(challengeOf(evidence)) ? null : 'WWW-Authenticate has no resource_metadata.',
  }),
  authRule({
    id: 'auth-challenge-scope',
    severity: 'advice',
    title: 'WWW-Authenticate names the scopes',
    clause: `${clause}: Scope challenge handling`,
    remedy: 'Add scope with what the request needs to WWW-Authenticate.',
    step: 'auth.none',
    unless: withoutOAuth,
    check: (_, evidence) => (/\bscope\s*=/i.test(challengeOf(evidence)) ? null : 'WWW-Authenticate has no scope.'),
  }),
  authRule({
    id: 'auth-invalid-token-error',
    severity: 'should',
    title: 'The refusal of a token says invalid_token',
    clause: 'RFC 6750, 3.1',
    remedy: 'Add error="invalid_token" to WWW-Authenticate where a token is refused.',
    step: 'auth.unknown-token',
    unless: withoutOAuth,
    check: ({ answer }) =>
      /invalid_token/.test(answer.headers['www-authenticate'] ?? '')
        ? null
        : 'WWW-Authenticate has no error="invalid_token".',
  }),
  authRule({
    id: 'resource-metadata',
    severity: 'must',
    title: 'The metadata of the resource can be read',
    clause: `${clause}: Protected resource metadata discovery`,
    remedy: 'Serve the document of RFC 9728 as JSON at the address that WWW-Authenticate names.',
    step: 'auth.resource-metadata',
    unless: withoutOAuth,
    check: (answered, evidence) => (metadataOf(evidence) ? null : `It was answered by ${describe(answered)}.`),
  }),
  authRule({
    id: 'resource-metadata-resource',
    severity: 'must',
    title: 'The metadata of the resource is about this server',
    clause: 'RFC 9728, 3.3',
    remedy: 'Set resource to the address of the MCP endpoint.',
    step: 'auth.resource-metadata',
    unless: (evidence) => withoutOAuth(evidence) ?? (metadataOf(evidence) ? null : 'The metadata could not be read.'),
    check(_, evidence) {
      const resource = metadataOf(evidence)?.get('resource');
      return typeof resource === 'string' && coversServer(resource, evidence.url)
        ? null
        : `resource is ${JSON.stringify(resource)?.slice(0, 200)}.`;
    },
  }),
  authRule({
    id: 'resource-metadata-servers',
    severity: 'must',
    title: 'The metadata of the resource names an authorization server',
    clause: `${clause}: Authorization server location`,
    remedy: 'Add authorization_servers with at least one issuer.',
    step: 'auth.resource-metadata',
    unless: (evidence) => withoutOAuth(evidence) ?? (metadataOf(evidence) ? null : 'The metadata could not be read.'),
    check: (_, evidence) =>
      listOf(metadataOf(evidence)?.get('authorization_servers')).some((each) => typeof each === 'string')
        ? null
        : 'authorization_servers is missing or empty.',
  }),
  authRule({
    id: 'server-metadata',
    severity: 'must',
    title: 'The metadata of the authorization server can be read',
    clause: `${clause}: Authorization server metadata discovery`,
    remedy: 'Serve the document of RFC 8414 or OpenID Connect Discovery as JSON.',
    step: 'auth.server-metadata',
    unless: withoutOAuth,
    check: (answered, evidence) => (issuerOf(evidence) ? null : `It was answered by ${describe(answered)}.`),
  }),
  authRule({
    id: 'server-metadata-issuer',
    severity: 'must',
    title: 'The authorization server is the one that the resource names',
    clause: 'RFC 8414, 3.3',
    remedy: 'Make issuer and the entry of authorization_servers the same text.',
    step: 'auth.server-metadata',
    unless: withoutIssuer,
    check(_, evidence) {
      const issuer = issuerOf(evidence)?.get('issuer');
      return listOf(metadataOf(evidence)?.get('authorization_servers')).includes(issuer)
        ? null
        : `issuer is ${JSON.stringify(issuer)?.slice(0, 200)}, which the resource does not name.`;
    },
  }),
  authRule({
    id: 'server-metadata-pkce',
    severity: 'must',
    title: 'The authorization server supports PKCE with S256',
    clause: `${clause}: Authorization code protection`,
    remedy: 'Add "S256" to code_challenge_methods_supported.',
    step: 'auth.server-metadata',
    unless: withoutIssuer,
    check: (_, evidence) =>
      listOf(issuerOf(evidence)?.get('code_challenge_methods_supported')).includes('S256')
        ? null
        : 'code_challenge_methods_supported lacks "S256": clients have to refuse the server.',
  }),
  authRule({
    id: 'server-metadata-registration',
    severity: 'advice',
    title: 'Clients can introduce themselves to the authorization server',
    clause: `${clause}: Client registration`,
    remedy: 'Support client ID metadata documents, or dynamic registration.',
    step: 'auth.server-metadata',
    unless: withoutIssuer,
    check: (_, evidence) =>
      issuerOf(evidence)?.get('client_id_metadata_document_supported') === true ||
      typeof issuerOf(evidence)?.get('registration_endpoint') === 'string'
        ? null
        : 'Neither client ID metadata documents nor dynamic registration are supported.',
  }),
  authRule({
    id: 'server-metadata-iss',
    severity: 'advice',
    title: 'The authorization server names itself in its responses',
    clause: 'RFC 9207, 2',
    remedy: 'Add iss to authorization responses, and set authorization_response_iss_parameter_supported to true.',
    step: 'auth.server-metadata',
    unless: withoutIssuer,
    check: (_, evidence) =>
      issuerOf(evidence)?.get('authorization_response_iss_parameter_supported') === true
        ? null
        : 'authorization_response_iss_parameter_supported is not true.',
  }),
];
