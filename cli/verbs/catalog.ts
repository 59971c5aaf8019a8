import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readCatalog, toCatalogFile } from '../catalog-file.ts';
import { addExamples, type Register } from '../command.ts';
import { addConnectOptions, type ConnectFlags } from '../connect.ts';
import { createOutput } from '../output/output.ts';

export const register: Register = (program, { io }) => {
  const command = program
    .command('catalog')
    .description('Saves the tools of an MCP server, for `armature diff` and `armature test --changed`.')
    .argument('<url>', 'the address of the MCP endpoint')
    .option('-o, --output <file>', 'the file to write; without it, standard output');
  addExamples(addConnectOptions(command), [
    { command: 'armature catalog https://example.com/mcp -o catalog.json', does: 'Save the tools as they are now.' },
  ]).action(async (url: string, flags: ConnectFlags & { output?: string }) => {
    const text = toCatalogFile(await readCatalog(io, url, flags));
    if (flags.output === undefined) {
      io.stdout.write(text);
      return;
    }
    await writeFile(resolve(io.cwd, flags.output), text);
    createOutput(io).note(`Wrote ${flags.output}.`);
  });
};
