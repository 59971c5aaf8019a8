// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how shells write variables.
import { Argument } from 'commander';
import { addExamples, type Register } from '../command.ts';
import { type Shell, shells, writeCompletion } from '../completion.ts';

export const register: Register = (program, { io }) => {
  const command = program
    .command('completion')
    .description('Writes the completion script of a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells));
  addExamples(command, [
    { command: 'armature completion bash >> ~/.bashrc', does: 'For bash.' },
    { command: 'armature completion zsh > "${fpath[1]}/_armature"', does: 'For zsh.' },
    { command: 'armature completion fish > ~/.config/fish/completions/armature.fish', does: 'For fish.' },
  ]).action((shell: Shell) => {
    io.stdout.write(writeCompletion(program, shell));
  });
};
