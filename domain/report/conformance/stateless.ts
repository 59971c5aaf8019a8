import { toEntries } from '../../json/json.ts';
import { couldNotRun, notApplicable, type Rule } from '../rule.ts';
import { capabilityProblem } from './lifecycle.ts';
import {
  type Answered,
  describe,
  everyRule,
  expectCode,
  expectStatus,
  findAnswer,
  quoteExchange,
  stepRule,
  undeclared,
} from './wire.ts';

const http = 'MCP 2026-07-28, Streamable HTTP';
const serverInfo = 'io.modelcontextprotocol/serverInfo';
const isDual = ({ survey }: { survey: { session: string | null } | null }): string | null =>
  survey?.session ? 'The server also speaks older revisions, which have no such header.' : null;

/** A request that has to be refused with a status and a code. */
const refusals = (
  of: { id: string; step: string; title: string; clause: string; remedy: string; code: number } & Pick<
    Parameters<typeof stepRule>[0],
    'unless'
  >,
): Rule[] => {
  const { code, id, title, ...rest } = of;
  return [
    stepRule({
      ...rest,
      id: `${id}-status`,
      title: `${title} with HTTP 400`,
      severity: 'must',
      check: (answered) => expectStatus(answered, 400),
    }),
    stepRule({
      ...rest,
      id: `${id}-code`,
      title: `${title} with error ${code}`,
      severity: 'must',
      check: (answered) => expectCode(answered, code),
    }),
  ];
};

const cacheable = ['discover', 'tools-list', 'resources-list', 'templates-list', 'prompts-list'];

export const statelessRules: readonly Rule[] = [
  stepRule({
    id: 'discover-versions',
    severity: 'must',
    title: 'server/discover lists the supported versions',
    clause: 'MCP 2026-07-28, Discovery',
    remedy: 'Add supportedVersions, a list with "2026-07-28".',
    step: 'stateless.discover',
    check({ result }) {
      const versions = result?.get('supportedVersions');
      if (!Array.isArray(versions) || versions.some((version) => typeof version !== 'string'))
        return 'supportedVersions is not a list of texts.';
      return versions.includes('2026-07-28') ? null : 'supportedVersions lacks "2026-07-28".';
    },
  }),
  stepRule({
    id: 'discover-capabilities',
    severity: 'must',
    title: 'server/discover declares capabilities as objects',
    clause: 'MCP 2026-07-28, Discovery',
    remedy: 'Make capabilities an object, and each capability in it an object as well.',
    step: 'stateless.discover',
    check: ({ result }) => capabilityProblem(result),
  }),
  stepRule({
    id: 'discover-server-info',
    severity: 'should',
    title: 'The server names itself in _meta',
    clause: 'MCP 2026-07-28, Discovery',
    remedy: `Add ${serverInfo} with name and version to _meta of results.`,
    step: 'stateless.discover',
    check({ result }) {
      const info = toEntries(toEntries(result?.get('_meta'))?.get(serverInfo));
      return typeof info?.get('name') === 'string' && typeof info.get('version') === 'string'
        ? null
        : `_meta has no ${serverInfo} with name and version.`;
    },
  }),
  everyRule({
    era: 'stateless',
    id: 'result-type',
    severity: 'must',
    title: 'Results have a resultType',
    clause: 'MCP 2026-07-28, Messages: ResultType',
    remedy: 'Add "resultType": "complete" to each result.',
    looksAt: ({ result }) => result !== null,
    check: ({ result }) =>
      typeof result?.get('resultType') === 'string'
        ? null
        : `resultType is ${JSON.stringify(result?.get('resultType'))}.`,
  }),
  ...refusals({
    id: 'unsupported-version',
    step: 'stateless.unsupported-version',
    title: 'An unsupported version is refused',
    clause: 'MCP 2026-07-28, Versioning: Protocol version negotiation',
    remedy: 'Answer versions that the server does not speak with HTTP 400 and error -32022.',
    code: -32022,
  }),
  stepRule({
    id: 'unsupported-version-data',
    severity: 'must',
    title: 'The refusal of a version lists the supported ones',
    clause: 'MCP 2026-07-28, Versioning: Protocol version negotiation',
    remedy: 'Add data.supported, the list of versions, to error -32022.',
    step: 'stateless.unsupported-version',
    check({ error }) {
      const supported = toEntries(error?.get('data'))?.get('supported');
      return Array.isArray(supported) && supported.length > 0 ? null : 'The error has no data.supported.';
    },
  }),
  ...refusals({
    id: 'version-mismatch',
    step: 'stateless.version-mismatch',
    title: 'A version header that differs from the body is refused',
    clause: `${http}: Server validation`,
    remedy: 'Compare MCP-Protocol-Version with _meta, and answer a difference with HTTP 400 and error -32020.',
    code: -32020,
  }),
  ...refusals({
    id: 'method-mismatch',
    step: 'stateless.method-mismatch',
    title: 'An Mcp-Method that differs from the body is refused',
    clause: `${http}: Server validation`,
    remedy: 'Compare Mcp-Method with the method, and answer a difference with HTTP 400 and error -32020.',
    code: -32020,
  }),
  ...refusals({
    id: 'name-mismatch',
    step: 'stateless.name-mismatch',
    title: 'An Mcp-Name that differs from the body is refused',
    clause: `${http}: Server validation`,
    remedy: 'Compare Mcp-Name with params.name or params.uri, and answer a difference with HTTP 400 and error -32020.',
    code: -32020,
    unless: undeclared('stateless', 'prompts'),
  }),
  ...refusals({
    id: 'method-header-missing',
    step: 'stateless.no-method-header',
    title: 'A request without Mcp-Method is refused',
    clause: `${http}: Server validation`,
    remedy: 'Answer requests without Mcp-Method with HTTP 400 and error -32020.',
    code: -32020,
  }),
  stepRule({
    id: 'version-header-missing',
    severity: 'must',
    title: 'A request without MCP-Protocol-Version is refused with HTTP 400',
    clause: `${http}: Protocol version header`,
    remedy: 'Answer requests without MCP-Protocol-Version with HTTP 400.',
    step: 'stateless.no-version-header',
    unless: isDual,
    check: (answered) => expectStatus(answered, 400),
  }),
  ...refusals({
    id: 'capabilities-missing',
    step: 'stateless.no-capabilities',
    title: 'A request without client capabilities is refused',
    clause: 'MCP 2026-07-28, General fields: Per-request protocol fields',
    remedy: 'Answer requests whose _meta lacks a required field with HTTP 400 and error -32602.',
    code: -32602,
  }),
  everyRule({
    era: 'stateless',
    id: 'no-session-id',
    severity: 'should',
    title: 'No session ids are given without sessions',
    clause: `${http}: Backward compatibility`,
    remedy: 'Leave Mcp-Session-Id out of answers of revision 2026-07-28.',
    check: ({ answer }) => (answer.headers['mcp-session-id'] === undefined ? null : 'The answer has a Mcp-Session-Id.'),
  }),
  stepRule({
    id: 'session-id-ignored',
    severity: 'should',
    title: 'A session id is ignored without sessions',
    clause: `${http}: Backward compatibility`,
    remedy: 'Ignore Mcp-Session-Id in requests of revision 2026-07-28.',
    step: 'stateless.with-session-id',
    check: (answered) => (answered.result ? null : `It was answered by ${describe(answered)}.`),
  }),
  {
    id: 'initialize-refused-helpfully',
    version: 1,
    area: 'conformance',
    severity: 'should',
    title: 'The refusal of initialize names the supported versions',
    clause: 'MCP 2026-07-28, Versioning: Backward compatibility',
    remedy: 'Name the supported versions in the error: older clients show nothing else.',
    applies({ survey, withoutSurvey }) {
      if (!survey) return couldNotRun(withoutSurvey);
      if (!survey.stateless) return notApplicable('The server does not speak revision 2026-07-28.');
      return survey.session === null ? true : notApplicable('The server answers initialize.');
    },
    check(evidence) {
      const refused = findAnswer(evidence, 'session.initialize');
      return !refused || refused.answer.body.includes('2026-07-28')
        ? []
        : [
            {
              subject: refused.exchange.step,
              message: 'The error names no version.',
              wire: quoteExchange(refused.exchange, refused.answer),
            },
          ];
    },
  },
  everyRule({
    era: 'stateless',
    id: 'cache-hints',
    severity: 'must',
    title: 'Lists and discovery have cache hints',
    clause: 'MCP 2026-07-28, Caching',
    remedy: 'Add ttlMs, a whole number from 0, and cacheScope, "public" or "private".',
    looksAt: ({ exchange, result }) =>
      cacheable.some((step) => exchange.step === `stateless.${step}`) && result !== null,
    check: cacheProblem,
  }),
];

function cacheProblem({ result }: Answered): string | null {
  const [ttl, scope] = [result?.get('ttlMs'), result?.get('cacheScope')];
  if (typeof ttl !== 'number' || !Number.isInteger(ttl) || ttl < 0) return `ttlMs is ${JSON.stringify(ttl)}.`;
  return scope === 'public' || scope === 'private' ? null : `cacheScope is ${JSON.stringify(scope)}.`;
}
