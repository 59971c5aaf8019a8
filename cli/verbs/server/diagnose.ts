import { addServerOptions, type ServerFlags } from '../../client/options.ts';
import { addExamples, type Register } from '../../command.ts';
import { createOutput } from '../../output/output.ts';
import { formatPercent } from '../../output/quote.ts';
import { oneLine } from '../../output/style.ts';

export const register: Register = (program, { io }) => {
  const command = program
    .command('diagnose')
    .description('Shows why a run did not pass, and what to do about it.')
    .argument('<run>', 'the id of a run that has ended')
    .option('--json', 'write the result as JSON');
  addExamples(addServerOptions(command), [
    { command: 'armature diagnose 0196…', does: 'Why did this run fail?' },
  ]).action(async (runId: string, flags: ServerFlags & { json?: boolean }) => {
    const { diagnosisAnswer } = await import('../../client/answers.ts');
    const { connectServer } = await import('../../client/connection.ts');
    const client = await connectServer(io, flags);
    const answer = await client.call('diagnoseRun', { runId }, diagnosisAnswer);
    const { line, data, style } = createOutput(io, flags);
    data(answer);
    if (answer.causes.length === 0) line(`The run ended with ${oneLine(answer.run.status)}. No cause is known.`);
    for (const { summary, remediation, confidence, decision } of answer.causes) {
      line(`${style('bold', oneLine(summary, 400))} (${formatPercent(confidence)})`);
      line(`  ${oneLine(remediation, 1000)}`);
      if (decision !== undefined) line(`  ${oneLine(decision, 1000)}`);
    }
  });
};
