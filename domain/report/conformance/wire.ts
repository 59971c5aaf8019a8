import { toEntries } from '../../json/json.ts';
import type { Era, Evidence, Exchange, WireAnswer } from '../evidence.ts';
import { couldNotRun, type Found, notApplicable, type Rule, type Skipped } from '../rule.ts';

/** An answered request, with the JSON-RPC answer in it. */
export type Answered = {
  exchange: Exchange;
  answer: WireAnswer;
  /** The message with `result` or `error`; null if there is none. */
  response: Map<string, unknown> | null;
  result: Map<string, unknown> | null;
  error: Map<string, unknown> | null;
};

type About = Pick<Rule, 'id' | 'severity' | 'title' | 'clause' | 'remedy'> & { version?: number };
type StepRule = About & {
  step: string;
  /** Why the rule doesn't apply to this server; null if it does. */
  unless?: (evidence: Evidence) => string | null;
  /** @returns what is wrong, or null */
  check: (answered: Answered, evidence: Evidence) => string | null;
};
type EveryRule = About & {
  era: Era;
  unless?: StepRule['unless'];
  /** What a request must be for the rule to look at its answer. @default any */
  looksAt?: (answered: Answered) => boolean;
  check: (answered: Answered, evidence: Evidence) => string | null;
};

export const titles: { [era in Era]: string } = {
  session: 'with sessions (2025-11-25 and older)',
  stateless: 'without sessions (2026-07-28)',
};

/** A rule over the answer to one request of the survey. */
export function stepRule({ step, unless, check, version = 1, ...about }: StepRule): Rule {
  return {
    ...about,
    version,
    area: 'conformance',
    applies(evidence) {
      const skipped = skipEra(evidence, step) ?? skipUnless(evidence, unless);
      if (skipped) return skipped;
      const exchange = findExchange(evidence, step);
      if (!exchange) return couldNotRun(evidence.survey?.stopped ?? 'The request was not sent.');
      return exchange.answer ? true : couldNotRun(exchange.failure ?? 'The request was not answered.');
    },
    check(evidence) {
      const answered = readAnswer(findExchange(evidence, step));
      const problem = answered && check(answered, evidence);
      return answered && problem ? [toFound(answered, problem)] : [];
    },
  };
}

/** A server of both eras takes this request for one of the older era. */
const ambiguous = 'stateless.no-version-header';

/** A rule over every answer of an era. */
export function everyRule({ era, unless, looksAt = () => true, check, version = 1, ...about }: EveryRule): Rule {
  const list = ({ survey }: Evidence): Answered[] =>
    (survey?.exchanges ?? [])
      .filter(({ step }) => step.startsWith(`${era}.`) && !(survey?.session && step === ambiguous))
      .map(readAnswer)
      .filter((each) => each !== null)
      .filter(looksAt);
  return {
    ...about,
    version,
    area: 'conformance',
    applies(evidence) {
      const skipped = skipEra(evidence, `${era}.`) ?? skipUnless(evidence, unless);
      if (skipped) return skipped;
      return list(evidence).length > 0 ? true : notApplicable('The server sent nothing that this rule is about.');
    },
    check: (evidence) =>
      list(evidence).flatMap((answered): Found[] => {
        const problem = check(answered, evidence);
        return problem === null ? [] : [toFound(answered, problem)];
      }),
  };
}

const skipUnless = (evidence: Evidence, unless: StepRule['unless']): Skipped | null => {
  const reason = unless?.(evidence) ?? null;
  return reason === null ? null : notApplicable(reason);
};

function skipEra({ survey, withoutSurvey }: Evidence, step: string): Skipped | null {
  if (!survey) return couldNotRun(withoutSurvey);
  if (step.startsWith('session.') && survey.session === null)
    return notApplicable('The server does not speak the revisions with sessions.');
  if (step.startsWith('stateless.') && !survey.stateless)
    return notApplicable('The server does not speak revision 2026-07-28.');
  return null;
}

export const findExchange = ({ survey }: Evidence, step: string): Exchange | undefined =>
  survey?.exchanges.find((exchange) => exchange.step === step);

export const findAnswer = (evidence: Evidence, step: string): Answered | null =>
  readAnswer(findExchange(evidence, step));

function readAnswer(exchange: Exchange | undefined): Answered | null {
  const answer = exchange?.answer;
  if (!exchange || !answer) return null;
  const response =
    answer.messages
      .map(toEntries)
      .find((message) => message && !message.has('method') && (message.has('result') || message.has('error'))) ?? null;
  return {
    exchange,
    answer,
    response,
    result: toEntries(response?.get('result')),
    error: toEntries(response?.get('error')),
  };
}

/** The capabilities that the server declares in an era. */
export function capabilitiesOf(evidence: Evidence, era: Era): Map<string, unknown> | null {
  const step = era === 'session' ? 'session.initialize' : 'stateless.discover';
  return toEntries(findAnswer(evidence, step)?.result?.get('capabilities'));
}

export const undeclared =
  (era: Era, capability: string) =>
  (evidence: Evidence): string | null =>
    capabilitiesOf(evidence, era)?.has(capability) ? null : `The server does not declare the capability ${capability}.`;

/** The session id that the server gave; null without sessions. */
export const sessionIdOf = (evidence: Evidence): string | null =>
  findAnswer(evidence, 'session.initialize')?.answer.headers['mcp-session-id'] ?? null;

export const olderThan =
  (revision: string) =>
  ({ survey }: Evidence): string | null =>
    (survey?.session ?? '') < revision ? `The server negotiated ${survey?.session}, which has no such rule.` : null;

/** "HTTP 200 with error -32601" */
export function describe({ answer, error, result }: Answered): string {
  const what = error ? ` with error ${JSON.stringify(error.get('code'))}` : result ? ' with a result' : '';
  return `HTTP ${answer.status}${what}`;
}

/** Null if the error has one of the codes. */
export const expectCode = (answered: Answered, ...codes: number[]): string | null =>
  codes.some((code) => answered.error?.get('code') === code)
    ? null
    : `It was answered by ${describe(answered)}, not with error ${codes.join(' or ')}.`;

export const expectStatus = (answered: Answered, ...statuses: number[]): string | null =>
  statuses.includes(answered.answer.status)
    ? null
    : `It was answered by ${describe(answered)}, not HTTP ${statuses.join(' or ')}.`;

const maxWire = 700;

function toFound({ exchange, answer }: Answered, problem: string): Found {
  return { subject: exchange.step, message: problem, wire: quoteExchange(exchange, answer) };
}

/** The request and its answer, cut: what people need to see the problem. */
export function quoteExchange({ request }: Exchange, answer: WireAnswer): string {
  const hide = (headers: { [name: string]: string }): [string, string][] =>
    Object.entries(headers).map(([name, value]) => [name, name === 'mcp-session-id' ? `${value.slice(0, 4)}…` : value]);
  const answered = Object.fromEntries(hide(answer.headers));
  const shown = ['content-type', 'mcp-session-id', 'www-authenticate', 'allow'].flatMap((name) =>
    answered[name] === undefined ? [] : [`${name}: ${clip(answered[name], 300)}`],
  );
  return [
    `> ${request.method}${hide(request.headers)
      .map(([name, value]) => ` ${name}: ${value}`)
      .join(',')}`,
    ...(request.body === null ? [] : [`> ${clip(request.body, 300)}`]),
    `< HTTP ${answer.status}`,
    ...shown.map((line) => `< ${line}`),
    ...(answer.body === '' ? [] : [`< ${clip(answer.body, maxWire)}`]),
  ].join('\n');
}

export const clip = (text: string, max: number): string =>
  text.length > max ? `${text.slice(0, max).toWellFormed()}…` : text;
