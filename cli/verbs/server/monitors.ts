import { addServerOptions, type ServerFlags } from '../../client/options.ts';
import { addExamples, type Register } from '../../command.ts';
import { readCount } from '../../options.ts';
import { createOutput } from '../../output/output.ts';
import { formatDuration, formatPercent } from '../../output/quote.ts';

type Flags = ServerFlags & { outcome?: string; search?: string; limit: number; json?: boolean };

export const register: Register = (program, { io }) => {
  const command = program
    .command('monitors')
    .description('Lists the monitors of the workspace, newest first, with their latest checks.')
    .option('--outcome <outcome>', 'only those: pass, degraded, fail, error, failing, unchecked')
    .option('--search <text>', 'only those with this text in their name or tool')
    .option('--limit <number>', 'at most this many', readCount, 50)
    .option('--json', 'write the result as JSON');
  addExamples(addServerOptions(command), [
    { command: 'armature monitors --outcome failing', does: 'Which tools are down?' },
  ]).action(async ({ outcome, search, limit, ...flags }: Flags) => {
    const { writeDuration } = await import('../../../domain/code/duration.ts');
    const { monitorsAnswer } = await import('../../client/answers.ts');
    const { connectServer } = await import('../../client/connection.ts');
    const client = await connectServer(io, flags);
    const answer = await client.call('listMonitors', { outcome, search, limit: Math.min(limit, 200) }, monitorsAnswer);
    const { table, data } = createOutput(io, flags);
    data(answer);
    const latency = (ms: number | null | undefined) => (ms === null || ms === undefined ? '' : formatDuration(ms));
    table(
      [
        { title: 'ID', value: ({ slug }) => slug },
        {
          title: 'STATE',
          value: ({ state, health }) => (state === 'active' ? (health?.outcome ?? 'unchecked') : state),
        },
        { title: 'LATENCY', value: ({ health }) => latency(health?.latencyMs), align: 'right' },
        {
          title: 'UPTIME',
          value: ({ uptime }) => (uptime.uptime === null ? '' : formatPercent(uptime.uptime)),
          align: 'right',
        },
        { title: 'EVERY', value: ({ intervalSeconds }) => writeDuration(intervalSeconds, 's') },
        { title: 'SERVER', value: ({ serverName }) => serverName },
        { title: 'NAME', value: ({ name }) => name },
      ],
      answer.rows,
    );
  });
};
