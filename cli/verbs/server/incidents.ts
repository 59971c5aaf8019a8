import { addServerOptions, type ServerFlags } from '../../client/options.ts';
import { addExamples, type Register } from '../../command.ts';
import { readCount } from '../../options.ts';
import { createOutput } from '../../output/output.ts';

type Flags = ServerFlags & { all?: boolean; limit: number; json?: boolean };

export const register: Register = (program, { io }) => {
  const command = program
    .command('incidents')
    .description('Lists open incidents, latest first.')
    .option('--all', 'closed ones too')
    .option('--limit <number>', 'at most this many', readCount, 50)
    .option('--json', 'write the result as JSON');
  addExamples(addServerOptions(command), [{ command: 'armature incidents', does: 'What is broken now?' }]).action(
    async ({ all, limit, ...flags }: Flags) => {
      const { incidentsAnswer } = await import('../../client/answers.ts');
      const { connectServer } = await import('../../client/connection.ts');
      const client = await connectServer(io, flags);
      const state = all ? undefined : 'open';
      const answer = await client.call('listIncidents', { state, limit: Math.min(limit, 200) }, incidentsAnswer);
      const { table, line, data } = createOutput(io, flags);
      data(answer);
      if (answer.rows.length === 0) return line(all ? 'No incidents.' : 'No open incidents.');
      table(
        [
          { title: 'SINCE', value: ({ openedAt }) => openedAt },
          { title: 'STATE', value: (row) => row.state },
          { title: 'FAILURES', value: ({ failureCount }) => String(failureCount), align: 'right' },
          { title: 'SUBJECT', value: ({ subject }) => subject.name },
          { title: 'SUMMARY', value: ({ summary }) => summary },
        ],
        answer.rows,
      );
    },
  );
};
