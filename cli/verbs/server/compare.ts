import { addServerOptions, type ServerFlags } from '../../client/options.ts';
import { addExamples, type Register } from '../../command.ts';
import { exitCodes } from '../../exit.ts';
import { createOutput } from '../../output/output.ts';
import { count } from '../../output/quote.ts';
import { oneLine } from '../../output/style.ts';

export const register: Register = (program, { io, exit }) => {
  const command = program
    .command('compare')
    .description('Compares two ended runs of one workflow. Exits with 1 if the second one regressed.')
    .argument('<baseline>', 'the id of the earlier run')
    .argument('<candidate>', 'the id of the later run')
    .option('--json', 'write the result as JSON');
  addExamples(addServerOptions(command), [
    { command: 'armature compare 0196… 0197…', does: 'What is different since it last passed?' },
  ]).action(async (baselineRunId: string, candidateRunId: string, flags: ServerFlags & { json?: boolean }) => {
    const { comparisonAnswer } = await import('../../client/answers.ts');
    const { connectServer } = await import('../../client/connection.ts');
    const client = await connectServer(io, flags);
    const answer = await client.call('compareRuns', { baselineRunId, candidateRunId }, comparisonAnswer);
    const { line, data, style } = createOutput(io, flags);
    data(answer);
    const { before, after, change } = answer.status;
    line(`${oneLine(before)} → ${oneLine(after)} (${oneLine(change)})`);
    for (const criterion of answer.criteria) {
      line(
        `${style(criterion.change === 'regressed' ? 'red' : 'dim', criterion.change.padEnd(10))} ${oneLine(criterion.text)}`,
      );
      if (criterion.rationale !== undefined) line(`           ${oneLine(criterion.rationale, 400)}`);
    }
    if (answer.unchangedPasses > 0)
      line(style('dim', `${count(answer.unchangedPasses, 'criterion', 'criteria')} passed both times.`));
    for (const { op, tool } of answer.callSequence) line(`${op.padEnd(10)} call of ${oneLine(tool)}`);
    if (change === 'regressed') exit(exitCodes.verdict);
  });
};
