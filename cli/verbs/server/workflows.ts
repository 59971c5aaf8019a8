import { addServerOptions, type ServerFlags } from '../../client/options.ts';
import { addExamples, type Register } from '../../command.ts';
import { readCount } from '../../options.ts';
import { createOutput } from '../../output/output.ts';
import { formatPercent } from '../../output/quote.ts';

type Flags = ServerFlags & { tag?: string; status?: string; search?: string; limit: number; json?: boolean };

export const register: Register = (program, { io }) => {
  const command = program
    .command('workflows')
    .description('Lists the workflows of the workspace, newest first.')
    .option('--tag <tag>', 'only those with this tag')
    .option('--status <status>', 'only those whose last run ended so: pass, partial, fail, error, canceled')
    .option('--search <text>', 'only those with this text in their name or description')
    .option('--limit <number>', 'at most this many', readCount, 50)
    .option('--json', 'write the result as JSON');
  addExamples(addServerOptions(command), [
    { command: 'armature workflows --status fail', does: 'What fails at the moment?' },
  ]).action(async ({ tag, status, search, limit, ...flags }: Flags) => {
    const { workflowsAnswer } = await import('../../client/answers.ts');
    const { connectServer } = await import('../../client/connection.ts');
    const client = await connectServer(io, flags);
    const answer = await client.call(
      'listWorkflows',
      { tag, status, search, limit: Math.min(limit, 200) },
      workflowsAnswer,
    );
    const { table, data } = createOutput(io, flags);
    data(answer);
    table(
      [
        { title: 'ID', value: ({ slug }) => slug },
        { title: 'STATE', value: ({ state }) => state },
        { title: 'LAST RUN', value: ({ lastRun }) => lastRun?.status ?? '' },
        {
          title: '7 DAYS',
          value: ({ passRate7d }) => (passRate7d === null ? '' : formatPercent(passRate7d)),
          align: 'right',
        },
        { title: 'SCHEDULE', value: ({ scheduleLabel }) => scheduleLabel },
        { title: 'SERVER', value: ({ serverName }) => serverName },
        { title: 'NAME', value: ({ name }) => name },
      ],
      answer.rows,
    );
  });
};
