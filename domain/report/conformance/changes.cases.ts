/** Changes of what a server that does everything right has said. */
import { toEntries } from '../../json/json.ts';
import type { Evidence, Exchange, WireAnswer } from '../evidence.ts';

export type Json = { [member: string]: unknown };

const find = ({ survey }: Evidence, step: string): { exchange: Exchange; answer: WireAnswer } => {
  const exchange = survey?.exchanges.find((each) => each.step === step);
  if (!exchange?.answer) throw new Error(`The survey has no ${step}.`);
  return { exchange, answer: exchange.answer };
};
const idOf = ({ request }: Exchange): unknown => {
  try {
    return toEntries(JSON.parse(request.body ?? ''))?.get('id');
  } catch {
    return null;
  }
};
export type Change = (evidence: Evidence) => void;

/** The HTTP answer to a step is another one. */
export const http =
  (step: string, change: Partial<WireAnswer>): Change =>
  (evidence) => {
    const { answer } = find(evidence, step);
    Object.assign(answer, change);
  };
/** The JSON-RPC answer to a step is another one. */
export const reply =
  (step: string, body: Json, status = 200): Change =>
  (evidence) => {
    const { exchange, answer } = find(evidence, step);
    const message = { jsonrpc: '2.0', id: idOf(exchange), ...body };
    const headers = { ...answer.headers, 'content-type': 'application/json' };
    Object.assign(answer, { status, headers, messages: [message], body: JSON.stringify(message) });
  };
export const error = (step: string, code: unknown, status = 200, message: unknown = 'Refused.'): Change =>
  reply(step, { error: { code, message } }, status);
export const ok = (step: string, result: unknown = {}): Change => reply(step, { result });
/** The result of a step has other members; undefined removes one. */
export const result =
  (step: string, change: Json): Change =>
  (evidence) => {
    const { exchange, answer } = find(evidence, step);
    const message = answer.messages.map(toEntries).find((each) => each?.has('result'));
    const members = { ...Object.fromEntries(toEntries(message?.get('result')) ?? []), ...change };
    const kept = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
    answer.messages = [{ jsonrpc: '2.0', id: idOf(exchange), result: kept }];
  };
export const header =
  (step: string, name: string, value: string): Change =>
  (evidence) => {
    find(evidence, step).answer.headers[name] = value;
  };
/** Another message precedes the answer. */
export const before =
  (step: string, message: Json): Change =>
  (evidence) => {
    find(evidence, step).answer.messages.unshift({ jsonrpc: '2.0', ...message });
  };
export const tools =
  (change: Json): Change =>
  (evidence) => {
    if (evidence.catalog) Object.assign(evidence.catalog, change);
  };
export const answers =
  (change: Json, index = 0): Change =>
  (evidence) => {
    Object.assign(evidence.answers[index] ?? {}, change);
  };
export const document = (step: string, body: Json): Change => http(step, { status: 200, messages: [body] });
export const all =
  (...changes: Change[]): Change =>
  (evidence) => {
    for (const change of changes) change(evidence);
  };
