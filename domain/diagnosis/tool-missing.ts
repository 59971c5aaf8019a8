import { toCallId, toEventId } from '../run/ids.ts';
import { type Case, type Cause, getAssertion, toolsOfCriterion } from './facts.ts';
import { type Remedy, toolsOf } from './remedy.ts';

/** With more missing tools than this, the server is a different one. */
const maxCauses = 20;

/** A tool that the workflow relies on and that the server did not have in the run: gone or renamed. */
export function toolMissing(of: Case, remedy: Remedy): Cause[] {
  return missingTools(of).map((tool) => {
    const refused = of.calls.filter((call) => call.tool === tool && call.outcome !== 'ok');
    const about = of.failing.filter(({ text }) => toolsOfCriterion(text, new Set([tool])).includes(tool));
    const connected = of.events.findLast(({ type }) => type === 'connected');
    const evidence = [
      ...refused.map(({ index }) => toCallId(index)),
      ...about.map(({ criterionId }) => criterionId),
      ...(connected ? [toEventId(connected.seq)] : []),
    ];
    const isFelt = refused.length > 0 || about.length > 0;
    const asked =
      refused.length > 0 ? 'The agent called' : isFelt ? 'The workflow relies on' : 'The run did not get to';
    const cause = { kind: 'tool_missing_or_renamed' as const, evidence, schema: 'input' as const };
    const isSeen = of.seenNames?.has(tool) === true;
    if (of.currentNames?.has(tool))
      return {
        ...cause,
        confidence: isFelt ? 0.8 : 0.5,
        tools: [tool],
        summary: `${asked} \`${tool}\`, which the server did not advertise when the run looked; it does again now.`,
        remediation: 'Run the workflow again: the tool is back.',
      };
    const gone = isSeen ? 'which the server has stopped advertising since' : 'which the server no longer advertises';
    const known = of.toolBefore(tool) ? gone : 'which the server does not advertise';
    const successor = remedy.successors.get(tool);
    if (!successor)
      return {
        ...cause,
        confidence: isSeen ? 0.4 : isFelt ? 0.9 : 0.6,
        tools: [],
        summary: `${asked} \`${tool}\`, ${known}; no current tool resembles it.`,
        remediation: `Ask the server's owner what became of \`${tool}\`.`,
        decision: `Decide whether the server has to bring \`${tool}\` back, or whether the workflow no longer needs it.`,
      };
    const { name, similarity, isSure } = successor;
    return {
      ...cause,
      confidence: isSeen ? 0.4 : isFelt ? Math.min(0.97, 0.86 + 0.11 * similarity) : 0.6,
      tools: [name],
      summary: `${asked} \`${tool}\`, ${known}. It is most likely called \`${name}\` now (similarity ${similarity}).`,
      remediation: `Use \`${name}\` instead of \`${tool}\` in prompt, criteria and tool policy, then run the workflow again.`,
      ...(!isSure && {
        decision: `Decide whether \`${name}\` really does what \`${tool}\` did: names and schemas leave a doubt, or it may do more harm.`,
      }),
    };
  });
}

/** Tools that were called, allowed, asserted or named, but that the run did not see, or that are gone since. */
function missingTools(of: Case): string[] {
  const { seenNames, currentNames, definition, calls, failing } = of;
  const isMissing = (name: string): boolean => {
    if (seenNames && !seenNames.has(name)) return true;
    return currentNames !== null && !currentNames.has(name);
  };
  const called = calls.filter(({ outcome }) => outcome === 'not_offered' || outcome === 'rpc_error');
  // A tool that must not be called, and is gone, breaks nothing.
  const forbidden = new Set([
    ...definition.toolPolicy.blockedTools,
    ...definition.criteria.flatMap(({ text }) => {
      const assertion = getAssertion(text);
      return assertion?.kind === 'never_calls' ? [assertion.tool] : [];
    }),
  ]);
  const asserted = failing.flatMap(({ text }) => toolsOfCriterion(text, of.goneNames));
  const all = new Set([...called.map(({ tool }) => tool), ...asserted, ...toolsOf(definition, of)]);
  const wasCalled = new Set(called.map(({ tool }) => tool));
  return [...all]
    .filter((name) => isMissing(name) && (wasCalled.has(name) || !forbidden.has(name)))
    .slice(0, maxCauses);
}
