import { addExamples, type Register } from '../command.ts';
import { addConnectOptions } from '../connect.ts';
import type { InitFlags } from '../init/write.ts';
import { createOutput } from '../output/output.ts';
import { count } from '../output/quote.ts';

export const register: Register = (program, { io }) => {
  const command = program
    .command('init')
    .description('Writes armature.yaml for an MCP server, with a drafted workflow per group of tools, and a CI step.')
    .argument('<url>', 'the address of the MCP endpoint')
    .option('--force', 'replace an armature.yaml that is there')
    .option('--no-github', 'no workflow of GitHub Actions');
  addExamples(addConnectOptions(command), [
    { command: 'armature init https://example.com/mcp && armature test', does: 'From nothing to a first test.' },
    {
      command: 'armature init https://example.com/mcp --bearer-env SHOP_TOKEN',
      does: 'With a token that stays in the environment.',
    },
  ]).action(async (url: string, flags: InitFlags) => {
    const { initialize } = await import('../init/write.ts');
    const { files, workflows, untried, variables } = await initialize(io, url, flags);
    const { line } = createOutput(io);
    for (const file of files) line(`Wrote ${file}.`);
    line(`Drafted ${count(workflows, 'workflow')}.`);
    if (untried > 0) line(`${count(untried, 'tool is', 'tools are')} in comments: fill in their arguments.`);
    if (variables.length > 0)
      line(`Set in the environment, and as secrets of the repository: ${variables.join(', ')}.`);
    line('Next: armature test');
  });
};
