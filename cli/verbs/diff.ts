import { addExamples, collect, type Register } from '../command.ts';
import { addConnectOptions, type ConnectFlags } from '../connect.ts';
import { exitCodes } from '../exit.ts';
import { createOutput } from '../output/output.ts';
import { oneLine } from '../output/style.ts';

type Flags = ConnectFlags & { breakingOnly?: boolean; file?: string[]; json?: boolean };

export const register: Register = (program, { io, exit }) => {
  const command = program
    .command('diff')
    .description(
      'Shows what changed between two catalogs of a server: tools added, removed or changed, breaking or not.',
    )
    .argument('<before>', 'a URL, or a file of `armature catalog`')
    .argument('<after>', 'a URL, or a file of `armature catalog`')
    .option('--breaking-only', 'show breaking changes only')
    .option(
      '--file <file>',
      'name the workflows of this file that a change hits; by default those of armature.yaml',
      collect,
    )
    .option('--json', 'write the result as JSON');
  addExamples(addConnectOptions(command), [
    {
      command: 'armature diff catalog.json https://example.com/mcp',
      does: 'Does the server still have the tools that it had? Exits with 1 if a change is breaking.',
    },
    {
      command: 'armature diff https://example.com/mcp http://localhost:3000/mcp --breaking-only',
      does: 'Would my version break the callers of the deployed one?',
    },
  ]).action(async (before: string, after: string, flags: Flags) => {
    const { diffCatalogs } = await import('../diff.ts');
    const changes = await diffCatalogs(io, { before, after, files: flags.file, flags });
    const shown = changes.filter(({ breaking }) => breaking || !flags.breakingOnly);
    const output = createOutput(io, flags);
    const { style, line } = output;
    output.data({ changes: shown });
    if (shown.length === 0) line(flags.breakingOnly ? 'No breaking changes.' : 'No changes.');
    for (const { tool, breaking, details, workflows } of shown) {
      line(`${breaking ? style('red', 'breaking') : style('green', 'safe    ')}  ${style('bold', oneLine(tool))}`);
      for (const text of details) line(`            ${oneLine(text, 400)}`);
      for (const { id, path } of workflows) line(style('yellow', `            affects ${id} (${path})`));
    }
    if (changes.some(({ breaking }) => breaking)) exit(exitCodes.verdict);
  });
};
