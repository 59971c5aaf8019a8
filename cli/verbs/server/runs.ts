import { addServerOptions, type ServerFlags } from '../../client/options.ts';
import { addExamples, collect, type Register } from '../../command.ts';
import { readCount } from '../../options.ts';
import { createOutput } from '../../output/output.ts';
import { formatCost, formatDuration } from '../../output/quote.ts';

type Flags = ServerFlags & { workflow?: string; status?: string[]; search?: string; limit: number; json?: boolean };

export const register: Register = (program, { io }) => {
  const command = program
    .command('runs')
    .description('Lists runs, newest first.')
    .option('--workflow <id>', 'only those of this workflow')
    .option('--status <status>', 'only those: pending, running, pass, partial, fail, error, canceled', collect)
    .option('--search <text>', 'only those with this text, such as a commit')
    .option('--limit <number>', 'at most this many', readCount, 20)
    .option('--json', 'write the result as JSON');
  addExamples(addServerOptions(command), [
    { command: 'armature runs --status fail --status error', does: 'What has failed lately?' },
  ]).action(async ({ workflow, status, search, limit, ...flags }: Flags) => {
    const { runsAnswer } = await import('../../client/answers.ts');
    const { findWorkflow } = await import('../../client/find.ts');
    const { connectServer } = await import('../../client/connection.ts');
    const client = await connectServer(io, flags);
    const workflowId = workflow === undefined ? undefined : (await findWorkflow(client, workflow)).id;
    const answer = await client.call(
      'listRuns',
      { workflowId, status, search, limit: Math.min(limit, 200) },
      runsAnswer,
    );
    const { table, data } = createOutput(io, flags);
    data(answer);
    table(
      [
        { title: 'RUN', value: ({ id }) => id },
        { title: 'STATUS', value: (row) => (row.error?.kind === 'canceled' ? 'canceled' : row.status) },
        { title: 'CREATED', value: ({ createdAt }) => createdAt },
        {
          title: 'TOOK',
          value: ({ durationMs }) => (durationMs === null ? '' : formatDuration(durationMs)),
          align: 'right',
        },
        { title: 'COST', value: ({ cost }) => formatCost(cost), align: 'right' },
        { title: 'MODEL', value: ({ model }) => model },
        { title: 'WORKFLOW', value: ({ workflowName }) => workflowName },
      ],
      answer.rows,
    );
  });
};
