import { addServerOptions, type ServerFlags } from '../../client/options.ts';
import { addExamples, type Register } from '../../command.ts';
import { createOutput } from '../../output/output.ts';
import { oneLine } from '../../output/style.ts';

export const register: Register = (program, { io }) => {
  const command = program
    .command('pull')
    .description(
      'Writes the workflows, monitors, alert rules and maintenance of the workspace into YAML files. Files that are there keep their comments and order.',
    )
    .option('--dir <folder>', 'the folder of the files; by default armature.yaml and armature/')
    .option('--json', 'write the result as JSON');
  addExamples(addServerOptions(command), [
    {
      command: 'armature pull',
      does: 'Begin with what the workspace has, or take over what was changed on its pages.',
    },
  ]).action(async (flags: ServerFlags & { dir?: string; json?: boolean }) => {
    const { pull } = await import('../../code/pull.ts');
    const { connectServer } = await import('../../client/connection.ts');
    const client = await connectServer(io, flags);
    const pulled = await pull(io, client, { dir: flags.dir });
    const { line, note, data } = createOutput(io, flags);
    data(pulled);
    for (const { path, isNew } of pulled.written) line(`${isNew ? 'Created' : 'Changed'} ${path}`);
    if (pulled.written.length === 0) line('The files are up to date.');
    for (const id of pulled.onlyInFiles) note(`${oneLine(id)} is in the files alone: a push creates it.`);
  });
};
