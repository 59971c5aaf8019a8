import { addServerOptions, type ServerFlags } from '../../client/options.ts';
import { addExamples, type Register } from '../../command.ts';
import { createOutput } from '../../output/output.ts';
import { count } from '../../output/quote.ts';
import { oneLine } from '../../output/style.ts';

export const register: Register = (program, { io }) => {
  const command = program
    .command('coverage')
    .description('Shows which tools of a server its workflows exercise.')
    .argument('<server>', 'its name, URL or id')
    .option('--json', 'write the result as JSON');
  addExamples(addServerOptions(command), [
    { command: 'armature coverage Shop', does: 'Which tools does no workflow use?' },
  ]).action(async (given: string, flags: ServerFlags & { json?: boolean }) => {
    const { coverageAnswer } = await import('../../client/answers.ts');
    const { findServer } = await import('../../client/find.ts');
    const { connectServer } = await import('../../client/connection.ts');
    const client = await connectServer(io, flags);
    const { id: serverId } = await findServer(client, given);
    const answer = await client.call('getServerCoverage', { serverId }, coverageAnswer);
    const { table, line, data, style } = createOutput(io, flags);
    data(answer);
    const covered = answer.tools.filter((tool) => tool.covered).length;
    line(`${oneLine(answer.serverName)}: ${covered} of ${count(answer.tools.length, 'tool')} covered.`);
    table(
      [
        {
          title: 'COVERED',
          value: (row) => (row.covered ? 'yes' : 'no'),
          style: (cell, row) => style(row.covered ? 'green' : 'yellow', cell),
        },
        { title: 'TOOL', value: ({ tool }) => tool },
      ],
      answer.tools,
    );
  });
};
