import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { addExamples, type Register } from '../command.ts';

export const register: Register = (program, { io }) => {
  const command = program
    .command('schema')
    .description('Writes the JSON Schema of the YAML files, for editors.')
    .option('-o, --output <file>', 'the file to write; without it, standard output');
  addExamples(command, [
    { command: 'armature schema -o armature.schema.json', does: 'Save it beside the files that name it.' },
  ]).action(async ({ output }: { output?: string }) => {
    const { writeSchema } = await import('../schema-file.ts');
    if (output === undefined) io.stdout.write(writeSchema());
    else await writeFile(resolve(io.cwd, output), writeSchema());
  });
};
