import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMcpTargets } from '../../../infra/mcp-target/index.ts';
import { createOutbound } from '../../../infra/outbound/index.ts';
import { startConforming } from '../../../tests/support/targets/conforming.ts';
import { rules } from '../catalogue.ts';
import type { Evidence, ToolAnswer, WireAnswer } from '../evidence.ts';
import { runRules } from '../rule.ts';
import { breaks, type Kind } from './breaks.cases.ts';

const token = 'a-token-of-the-test';
const kinds: { [kind in Kind]: Parameters<typeof startConforming>[0] } = {
  both: {},
  stateless: { eras: ['stateless'] },
  oauth: { token },
};
const outbound = createOutbound({ allowedTargets: 'any' });
afterAll(() => outbound.close());

/** What servers that do everything right say. */
const good = new Map<Kind, Evidence>();
beforeAll(async () => {
  for (const kind of ['both', 'stateless', 'oauth'] as const) {
    const server = await startConforming(kinds[kind]);
    const endpoint = {
      transport: 'streamable_http' as const,
      url: server.url,
      headers: {},
      auth: kind === 'oauth' ? { kind: 'bearer' as const, token } : { kind: 'none' as const },
    };
    const { signal } = new AbortController();
    const targets = createMcpTargets({ outbound });
    const probe = await targets.probe(endpoint, { signal });
    if (!probe.ok) throw new Error(probe.failure.message);
    good.set(kind, {
      url: server.url,
      transport: 'streamable_http',
      credentials: kind === 'oauth' ? 'bearer' : 'none',
      survey: await targets.survey(endpoint, { signal, mayTryTokens: async () => true }),
      withoutSurvey: '',
      catalog: { ...probe.catalog, tools: probe.tools },
      answers: goodAnswers,
      misuse: [],
      others: [],
      workflows: [],
      changes: [],
    });
    expect(server.asked.filter(({ method }) => method === 'tools/call')).toEqual([]);
    await server.close();
  }
}, 60_000);

const goodAnswers: ToolAnswer[] = [
  {
    tool: 'find_product',
    from: 'a run',
    content: [{ type: 'text', text: '{"count":3}' }],
    structuredContent: { count: 3 },
    isError: false,
    schemaIssue: null,
  },
  {
    tool: 'find_product',
    from: 'a run',
    content: [{ type: 'text', text: 'word is missing' }],
    isError: true,
    schemaIssue: null,
    wasInvalid: true,
  },
];

const evidenceOf = (kind: Kind): Evidence => {
  const evidence = good.get(kind);
  if (!evidence) throw new Error('The survey has failed.');
  return structuredClone(evidence);
};

const conformance = rules.filter(({ area }) => area === 'conformance');
const resultOf = (id: string, evidence: Evidence) =>
  runRules(
    rules.filter((rule) => rule.id === id),
    evidence,
  )[0];

describe('conformance', () => {
  it('has a breaking server for each rule', () => {
    expect(breaks.map(({ rule }) => rule).sort()).toEqual(conformance.map(({ id }) => id).sort());
  });

  it('finds nothing wrong with servers that conform', () => {
    for (const kind of ['both', 'stateless', 'oauth'] as const)
      expect(runRules(conformance, evidenceOf(kind)).flatMap(({ findings }) => findings)).toEqual([]);
  });

  it.each(breaks)('$rule: passes, and fails where it is broken', ({ rule, kind = 'both', prepare, apply }) => {
    const evidence = evidenceOf(kind);
    prepare?.(evidence);
    expect(resultOf(rule, evidence)).toMatchObject({ status: 'passed', findings: [] });
    apply(evidence);
    const broken = resultOf(rule, evidence);
    expect(broken).toMatchObject({ status: 'failed', findings: [{ rule, message: expect.stringMatching(/./) }] });
  });

  it('takes a stream that was slow once for no rule of the server', () => {
    const evidence = evidenceOf('both');
    const { exchanges = [] } = evidence.survey ?? {};
    const slow = exchanges.find(({ step, answer }) => step === 'session.progress' && answer?.isStream);
    if (!slow?.answer) throw new Error('The server streams nothing.');
    exchanges.push({ ...structuredClone(slow), step: 'session.another' });
    slow.answer.ended = false;
    expect(resultOf('session-stream-ends', evidence)).toMatchObject({ status: 'passed' });
  });

  it('sends made-up tokens only where there is OAuth metadata, and says so', () => {
    const evidence = evidenceOf('oauth');
    const metadata = evidence.survey?.exchanges.find(({ step }) => step === 'auth.resource-metadata');
    Object.assign(metadata?.answer ?? {}, { status: 404, messages: [] });
    expect(resultOf('auth-unknown-token', evidence)).toMatchObject({
      status: 'not_applicable',
      reason: expect.stringMatching(/no made-up tokens/),
    });
  });

  it('says why a rule could not be run, and which do not apply', () => {
    const evidence = { ...evidenceOf('both'), survey: null, withoutSurvey: 'The server did not answer.' };
    expect(resultOf('ping', evidence)).toMatchObject({ status: 'could_not_run', reason: 'The server did not answer.' });
    expect(resultOf('ping', evidenceOf('stateless'))).toMatchObject({ status: 'not_applicable' });
    const silent = evidenceOf('both');
    const exchange = silent.survey?.exchanges.find(({ step }) => step === 'session.ping');
    Object.assign(exchange ?? {}, { answer: null satisfies WireAnswer | null, failure: 'No answer in 5 s.' });
    expect(resultOf('ping', silent)).toMatchObject({ status: 'could_not_run', reason: 'No answer in 5 s.' });
  });

  it('is the same for the same evidence', () => {
    const evidence = evidenceOf('both');
    expect(runRules(rules, evidence)).toEqual(runRules(rules, structuredClone(evidence)));
  });
});
