import { addServerOptions, type ServerFlags } from '../../client/options.ts';
import { addExamples, type Register } from '../../command.ts';
import { createOutput } from '../../output/output.ts';
import { oneLine } from '../../output/style.ts';

export const register: Register = (program, { io }) => {
  const command = program
    .command('whoami')
    .description('Shows the Armature server, the workspace and the role of the API key.')
    .option('--json', 'write the result as JSON');
  addExamples(addServerOptions(command), [
    { command: 'armature whoami', does: 'Does my key work, and what may it do?' },
  ]).action(async (flags: ServerFlags & { json?: boolean }) => {
    const { workspaceAnswer } = await import('../../client/answers.ts');
    const { connectServer } = await import('../../client/connection.ts');
    const client = await connectServer(io, flags);
    const answer = await client.call('getOrganization', {}, workspaceAnswer);
    const { line, data } = createOutput(io, flags);
    data({ url: client.url, ...answer });
    const { organization, actor } = answer;
    line(`Server     ${client.url}`);
    line(`Workspace  ${oneLine(organization.name)} (${oneLine(organization.slug)})`);
    line(`Key        ${oneLine(actor.apiKeyName ?? '')}${actor.email === null ? '' : `, of ${oneLine(actor.email)}`}`);
    line(`Role       ${oneLine(actor.role ?? 'none')}`);
  });
};
