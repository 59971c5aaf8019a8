import { addExamples, type Register } from '../../command.ts';
import { usageError } from '../../exit.ts';
import { readText } from '../../io.ts';
import { createOutput } from '../../output/output.ts';
import { oneLine } from '../../output/style.ts';

export const register: Register = (program, { io }) => {
  const command = program
    .command('login')
    .description("Checks an API key and keeps it: in the system's keychain, or in a file that only you can read.")
    .argument('[url]', 'the Armature server; by default ARMATURE_URL')
    .option('--api-key <key>', 'the key; @file and - read it; without it, you are asked');
  addExamples(command, [
    { command: 'armature login https://armature.example.com', does: 'Sign in; the key is asked for.' },
    {
      command: 'armature login https://armature.example.com --api-key - < key.txt',
      does: 'Sign in without a terminal.',
    },
  ]).action(async (given: string | undefined, flags: { apiKey?: string }) => {
    const { workspaceAnswer } = await import('../../client/answers.ts');
    const { askSecret } = await import('../../client/ask.ts');
    const { createClient } = await import('../../client/client.ts');
    const { readUrl } = await import('../../client/connection.ts');
    const { saveSignIn } = await import('../../client/sign-in.ts');
    const url = readUrl(given ?? io.env.ARMATURE_URL);
    const key = (
      flags.apiKey === undefined
        ? (io.env.ARMATURE_API_KEY ?? (await askSecret(io, `API key of ${url}: `)))
        : await readText(io, flags.apiKey, '--api-key')
    ).trim();
    if (key === '') throw usageError('The API key is empty. Create one on the page API keys of your workspace.');
    const { note } = createOutput(io);
    const client = createClient({ url, key, signal: io.signal, note });
    const { organization, actor } = await client.call('getOrganization', {}, workspaceAnswer);
    const { where } = await saveSignIn(io, { url, key });
    note(`Signed in to ${oneLine(organization.name)} as ${oneLine(actor.role ?? 'none')}. The key is in ${where}.`);
  });
};
