import { addServerOptions, type ServerFlags } from '../../client/options.ts';
import { addExamples, type Context, collect, type Register } from '../../command.ts';
import { readCount } from '../../options.ts';
import { createOutput } from '../../output/output.ts';

type Flags = ServerFlags & {
  wait?: boolean;
  timeout: number;
  reason?: string;
  model?: string;
  commit?: string;
  branch?: string;
  ciUrl?: string;
  failOn?: string[];
  json?: boolean;
};

export const register: Register = (program, context) => {
  const command = program
    .command('run')
    .description('Runs a workflow on the server: with each of its models, or the one that you name.')
    .argument('<workflow>', 'its id in files, or on the server')
    .option('--wait', 'wait until the runs have ended; the exit code is their verdict')
    .option('--timeout <seconds>', 'how long to wait', readCount, 900)
    .option('--reason <text>', 'why, shown with the runs')
    .option('--model <model>', "one of the workflow's models")
    .option('--commit <commit>', 'the commit that is tested; by default that of the CI job')
    .option('--branch <branch>', 'its branch; by default that of the CI job')
    .option('--ci-url <url>', 'the CI job; by default this one')
    .option('--fail-on <outcome>', 'exit with 1 for flagged runs too: flagged', collect)
    .option('--json', 'write the result as JSON');
  addExamples(addServerOptions(command), [
    { command: 'armature run order-a-mug --wait', does: 'Does it pass now? 0: yes, 1: no, 3: no verdict.' },
    { command: 'armature run show 0196…', does: 'Show one run.' },
  ]).action((given: string, flags: Flags) => start(context, given, flags));
  registerShow(command, context);
};

async function start({ io, exit }: Context, given: string, flags: Flags): Promise<void> {
  const { findWorkflow } = await import('../../client/find.ts');
  const { connectServer } = await import('../../client/connection.ts');
  const { readCiMetadata } = await import('../../client/ci.ts');
  const { startRuns, toExitCode, waitForRuns, writeRuns } = await import('../../client/runs.ts');
  const client = await connectServer(io, flags);
  const workflow = await findWorkflow(client, given);
  const started = await startRuns(client, {
    workflowId: workflow.id,
    reason: flags.reason,
    modelId: flags.model,
    metadata: readCiMetadata(io.env, { commit: flags.commit, branch: flags.branch, url: flags.ciUrl }),
  });
  const output = createOutput(io, flags);
  for (const { message } of started.warnings) output.note(`Warning: ${message}`);
  if (!flags.wait) {
    output.data(started);
    for (const { runId, model, status } of started.runs) output.line(`${runId}  ${status}  ${model}`);
    return;
  }
  const records = await waitForRuns(io, client, { runs: started.runs, timeoutMs: flags.timeout * 1000 });
  output.data({ runs: records.map(({ run, criteria }) => ({ ...run, criteria })) });
  writeRuns(output, records);
  exit(toExitCode(records, { failsFlagged: flags.failOn?.includes('flagged') ?? false }));
}

function registerShow(run: ReturnType<Parameters<Register>[0]['command']>, { io }: Context): void {
  const command = run
    .command('show')
    .description('Shows one run: its criteria and calls.')
    .argument('<run>', 'the id of the run')
    .option('--json', 'write the result as JSON');
  addExamples(addServerOptions(command), [
    { command: 'armature run show 0196…', does: 'What happened in this run?' },
  ]).action(async (runId: string, flags: ServerFlags & { json?: boolean }) => {
    const { connectServer } = await import('../../client/connection.ts');
    const { readRecord, writeRuns } = await import('../../client/runs.ts');
    const client = await connectServer(io, flags);
    const record = await readRecord(client, runId);
    const output = createOutput(io, flags);
    output.data(record);
    writeRuns(output, [record], { withCalls: true });
  });
}
