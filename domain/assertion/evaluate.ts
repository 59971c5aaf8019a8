import { compareNumbers, isJsonNumber } from '../json/exact.ts';
import { readPath } from '../json/path.ts';
import { toEventId } from '../run/ids.ts';
import { isInterrupted, type ToolCall, type TraceEvent } from '../run/run.ts';
import type { Assertion, CallCount, JsonScalar } from './assertion.ts';
import {
  describeCall,
  excerpt,
  type Facts,
  fail,
  type Grade,
  gradeUnless,
  interruptedGrade,
  isFailure,
  isRefused,
  listCalls,
  listInterrupted,
  neverCalledGrade,
  pass,
  times,
  toCallIds,
} from './facts.ts';
import { evaluateFits, evaluateNoneBreaks } from './output-schema.ts';
import { evaluateField, evaluateResultText, textTester, tooLarge } from './results.ts';

/**
 * Grades a run by an assertion, with a one-sentence rationale and the ids of the deciding calls and events (at most
 * 50). Each form is described in docs/assertions.md.
 */
export function evaluateAssertion(assertion: Assertion, facts: Facts): Grade {
  switch (assertion.kind) {
    case 'calls':
      return evaluateCalls(assertion, facts);
    case 'never_calls':
      return evaluateNever(assertion, facts);
    case 'calls_before':
      return evaluateBefore(assertion, facts);
    case 'no_call_fails':
      return evaluateNoFailure(facts);
    case 'tool_fails':
      return assertion.negated ? evaluateNeverFails(assertion.tool, facts) : evaluateFails(assertion.tool, facts);
    case 'result_text':
      return evaluateResultText(assertion, facts);
    case 'result_field':
      return evaluateField(assertion, facts);
    case 'result_fits':
      return evaluateFits(assertion.tool, facts);
    case 'no_result_breaks':
      return evaluateNoneBreaks(facts);
    case 'called_with':
      return assertion.negated ? evaluateNeverCalledWith(assertion, facts) : evaluateCalledWith(assertion, facts);
    case 'final_answer':
      return evaluateFinalAnswer(assertion, facts);
    case 'finishes_within':
      return evaluateWithin(assertion.seconds, facts);
    case 'uses_at_most':
      return evaluateUses(assertion, facts);
  }
}

type Of<K extends Assertion['kind']> = Extract<Assertion, { kind: K }>;

const countLabels = { exactly: 'exactly', at_least: 'at least', at_most: 'at most' } as const;

function evaluateCalls({ tool, count }: Of<'calls'>, facts: Facts): Grade {
  const calls = listCalls(facts, tool);
  const refused = facts.calls.filter((call) => call.tool === tool && isRefused(call));
  const holds = satisfies(calls.length, count);
  if (calls.length === 0 && !holds) return neverCalledGrade(facts, tool, toCallIds(refused));
  const aside = refused.length > 0 ? `, not counting ${times(refused.length)} that policy refused` : '';
  const rationale = `\`${tool}\` was called ${times(calls.length)}${aside}; expected: ${countLabels[count.op]} ${times(count.times)}.`;
  if (holds) return pass(rationale, toCallIds(calls));
  const settled = calls.filter((call) => !isInterrupted(call)).length;
  // An agent that lost an answer may call again, or give up.
  const isOpen = calls.length < count.times || settled <= count.times;
  return gradeUnless(isOpen ? listInterrupted(facts) : [], fail(rationale, toCallIds(calls)));
}

function satisfies(called: number, { op, times: asked }: CallCount): boolean {
  if (op === 'exactly') return called === asked;
  return op === 'at_least' ? called >= asked : called <= asked;
}

function evaluateNever({ tool }: Of<'never_calls'>, facts: Facts): Grade {
  const attempts = facts.calls.filter((call) => call.tool === tool);
  const [first] = attempts;
  if (!first) return pass(`\`${tool}\` was never called.`);
  const refused = attempts.every(isRefused) ? ', which policy refused' : '';
  return fail(
    `The agent called \`${tool}\` ${times(attempts.length)}${refused}: ${describeCall(first)}.`,
    toCallIds(attempts),
  );
}

function evaluateBefore({ first, second }: Of<'calls_before'>, facts: Facts): Grade {
  const [one] = listCalls(facts, first);
  const [two] = listCalls(facts, second);
  if (!one) return neverCalledGrade(facts, first, two ? toCallIds([two]) : []);
  if (!two) return neverCalledGrade(facts, second, toCallIds([one]));
  const order = one.index < two.index ? 'before' : 'after';
  const rationale = `The first call of \`${first}\` came ${order} the first call of \`${second}\`.`;
  return one.index < two.index ? pass(rationale, toCallIds([one, two])) : fail(rationale, toCallIds([one, two]));
}

function evaluateNoFailure(facts: Facts): Grade {
  const { calls } = facts;
  const bad = calls.filter((call) => call.outcome !== 'ok' && !isInterrupted(call));
  const [first] = bad;
  if (first) {
    const others = bad.length > 1 ? ` (and ${bad.length - 1} more)` : '';
    return fail(
      `Of ${times(calls.length).replace('time', 'call')}, ${describeCall(first)} (\`${first.tool}\`)${others}.`,
      toCallIds(bad),
    );
  }
  const interrupted = listInterrupted(facts);
  if (interrupted.length > 0) return interruptedGrade(interrupted);
  if (calls.length === 0) return pass('No tool was called, so none failed.');
  return pass(`Every tool call succeeded (${calls.length}).`, toCallIds(calls));
}

function evaluateFails(tool: string, facts: Facts): Grade {
  const calls = listCalls(facts, tool);
  const [failure] = calls.filter(isFailure);
  if (failure) return pass(`\`${tool}\` failed: ${describeCall(failure)}.`, toCallIds([failure]));
  if (calls.length === 0) return neverCalledGrade(facts, tool);
  const never = fail(`\`${tool}\` was called ${times(calls.length)} and no call failed.`, toCallIds(calls));
  return gradeUnless(listInterrupted(facts, tool), never);
}

function evaluateNeverFails(tool: string, facts: Facts): Grade {
  const calls = listCalls(facts, tool);
  const bad = calls.filter(isFailure);
  const [first] = bad;
  if (first) return fail(`\`${tool}\` did not always succeed: ${describeCall(first)}.`, toCallIds(bad));
  if (calls.length === 0) return neverCalledGrade(facts, tool);
  const interrupted = listInterrupted(facts, tool);
  if (interrupted.length > 0) return interruptedGrade(interrupted);
  return pass(`\`${tool}\` was called ${times(calls.length)} and always succeeded.`, toCallIds(calls));
}

function evaluateCalledWith({ tool, path, value }: Of<'called_with'>, facts: Facts): Grade {
  const calls = listCalls(facts, tool);
  const wanted = `\`${path}\` = ${excerpt(value)}`;
  const match = calls.find((call) => hasArgument(call, path, value));
  if (match) return pass(`\`${tool}\` was called with ${wanted}.`, toCallIds([match]));
  const last = calls.at(-1);
  if (!last) return neverCalledGrade(facts, tool);
  const seen = readPath(last.arguments, path);
  const instead = seen.found ? `the last call had ${excerpt(seen.value)}` : `the last call had no \`${path}\``;
  return fail(`No call of \`${tool}\` had ${wanted}; ${instead}.`, toCallIds(calls));
}

function evaluateNeverCalledWith({ tool, path, value }: Of<'called_with'>, facts: Facts): Grade {
  const matches = facts.calls.filter((call) => call.tool === tool && hasArgument(call, path, value));
  const wanted = `\`${path}\` = ${excerpt(value)}`;
  if (matches.length > 0) return fail(`The agent called \`${tool}\` with ${wanted}.`, toCallIds(matches));
  return pass(`\`${tool}\` was never called with ${wanted}.`, toCallIds(listCalls(facts, tool)));
}

/** Arguments are compared as they were sent, where a number has no more digits than JavaScript keeps. */
function hasArgument(call: ToolCall, path: string, value: JsonScalar): boolean {
  const seen = readPath(call.arguments, path);
  if (!seen.found) return false;
  return isJsonNumber(seen.value) && isJsonNumber(value)
    ? compareNumbers(seen.value, value) === 0
    : seen.value === value;
}

function evaluateFinalAnswer({ test, negated }: Of<'final_answer'>, facts: Facts): Grade {
  const { finalAnswer, events } = facts;
  if (finalAnswer === null) {
    const limit = events.findLast((event) => event.type === 'limit');
    const why =
      limit?.type === 'limit' ? `: the run hit its limit of ${limit.allowed} ${limitLabels[limit.limit]}` : '';
    return gradeUnless(listInterrupted(facts), fail(`The agent gave no final answer${why}.`, eventIds(limit)));
  }
  const tester = textTester(test);
  const found = tester.holds({ text: finalAnswer, json: '' });
  const evidence = eventIds(events.findLast((event) => event.type === 'final_answer'));
  if (!found && !tester.sawAll())
    return fail(`The final answer ${tester.doesNot} as far as it was read. ${tooLarge}.`, evidence);
  const rationale = `The final answer ${found ? tester.does : tester.doesNot}.`;
  if (found !== negated) return pass(rationale, evidence);
  // The answer may be what it is because a result was lost.
  return gradeUnless(listInterrupted(facts), fail(rationale, evidence));
}

const limitLabels = { turns: 'turns', toolCalls: 'tool calls', seconds: 'seconds', tokens: 'tokens' } as const;

function evaluateWithin(allowed: number, facts: Facts): Grade {
  const { seconds, events } = facts;
  const rationale = `The run took ${rounded(seconds)} s; expected: at most ${rounded(allowed)} s.`;
  const evidence = eventIds(events.at(0), events.at(-1));
  if (seconds <= allowed) return pass(rationale, evidence);
  return gradeUnless(listInterrupted(facts), fail(rationale, evidence));
}

function evaluateUses({ amount, unit }: Of<'uses_at_most'>, facts: Facts): Grade {
  const { calls, events, tokens } = facts;
  const sent = calls.filter((call) => !isRefused(call));
  const used = unit === 'tokens' ? tokens : sent.length;
  const name = unit === 'tokens' ? 'tokens' : 'tool calls';
  const rationale = `The run used ${used} ${name}; expected: at most ${amount}.`;
  const turns = events.filter((event) => event.type === 'model_turn');
  const evidence = unit === 'tokens' ? eventIds(...turns) : toCallIds(sent);
  if (used <= amount) return pass(rationale, evidence);
  const isOpen = unit === 'tokens' || sent.filter((call) => !isInterrupted(call)).length <= amount;
  return gradeUnless(isOpen ? listInterrupted(facts) : [], fail(rationale, evidence));
}

const rounded = (seconds: number) => String(Math.round(seconds * 1000) / 1000);
const eventIds = (...events: (TraceEvent | undefined)[]) =>
  events.flatMap((event) => (event ? [toEventId(event.seq)] : []));
