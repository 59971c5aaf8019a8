import { toCallId } from '../run/ids.ts';
import type { OutputFit, ToolCall } from '../run/run.ts';
import {
  type Facts,
  fail,
  type Grade,
  gradeUnless,
  interruptedGrade,
  listCalls,
  listInterrupted,
  neverCalledGrade,
  pass,
  toCallIds,
  undecided,
} from './facts.ts';

type Checked = { call: ToolCall; fit: OutputFit };

/** The results that were checked when they came: those without an error, of tools that had an output schema. */
const listChecked = (calls: readonly ToolCall[]): Checked[] =>
  calls.flatMap((call) => (call.result?.outputFit ? [{ call, fit: call.result.outputFit }] : []));

/** Every result of the tool fits; there has to be one. Error results don't count. */
export function evaluateFits(tool: string, facts: Facts): Grade {
  const calls = listCalls(facts, tool);
  if (calls.length === 0) return neverCalledGrade(facts, tool);
  const checked = listChecked(calls);
  const broken = findBroken(checked);
  if (broken) return broken;
  const interrupted = listInterrupted(facts, tool);
  if (interrupted.length > 0) return interruptedGrade(interrupted);
  const [open] = checked.flatMap(({ call, fit }) => (fit.fits === null ? [{ call, reason: fit.reason }] : []));
  if (open)
    return undecided(
      `The result of ${toCallId(open.call.index)} (\`${tool}\`) could not be checked: ${open.reason}.`,
      toCallIds([open.call]),
    );
  if (checked.length > 0)
    return pass(
      checked.length === 1
        ? `The result of \`${tool}\` fits its output schema.`
        : `All ${checked.length} results of \`${tool}\` fit its output schema.`,
      toCallIds(checked.map(({ call }) => call)),
    );
  const answered = calls.filter(({ outcome }) => outcome === 'ok');
  if (answered.length === 0) return fail(`\`${tool}\` returned no result without an error.`, toCallIds(calls));
  return answered.every(({ result }) => result === undefined)
    ? fail(`Results of \`${tool}\` are not stored, so this can't be checked.`, toCallIds(answered))
    : fail(`\`${tool}\` had no output schema when it was called.`, toCallIds(answered));
}

/** No result breaks the output schema of its tool. What could not be checked breaks nothing, and is named. */
export function evaluateNoneBreaks(facts: Facts): Grade {
  const checked = listChecked(facts.calls);
  const broken = findBroken(checked);
  if (broken) return broken;
  const cut = checked.filter(({ call, fit }) => fit.fits === null && call.result?.fullBytes !== undefined);
  const [first] = cut;
  if (first)
    return undecided(
      `Only a part of the result of ${toCallId(first.call.index)} (\`${first.call.tool}\`) was kept, so it could not be checked.`,
      toCallIds(cut.map(({ call }) => call)),
    );
  const open = checked.flatMap(({ call, fit }) =>
    fit.fits === null ? [`${toCallId(call.index)}: ${fit.reason}`] : [],
  );
  const aside = open.length > 0 ? ` Not checked: ${open.slice(0, 3).join('; ')}${open.length > 3 ? '; …' : ''}.` : '';
  return gradeUnless(
    listInterrupted(facts),
    pass(
      checked.length === 0
        ? 'No result came from a tool with an output schema.'
        : `No result breaks its output schema (${checked.length} with a schema).${aside}`,
      toCallIds(checked.map(({ call }) => call)),
    ),
  );
}

function findBroken(checked: readonly Checked[]): Grade | null {
  const broken = checked.flatMap(({ call, fit }) => (fit.fits === false ? [{ call, issues: fit.issues }] : []));
  const [first] = broken;
  if (!first) return null;
  const others = broken.length > 1 ? ` (and ${broken.length - 1} more)` : '';
  return fail(
    `The result of ${toCallId(first.call.index)} (\`${first.call.tool}\`)${others} breaks its output schema: ${first.issues.join('; ')}.`,
    toCallIds(broken.map(({ call }) => call)),
  );
}
