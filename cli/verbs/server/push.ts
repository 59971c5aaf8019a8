import { addServerOptions, type ServerFlags } from '../../client/options.ts';
import { addExamples, type Register } from '../../command.ts';
import { usageError } from '../../exit.ts';
import { createOutput } from '../../output/output.ts';
import { oneLine } from '../../output/style.ts';

type Flags = ServerFlags & { dryRun?: boolean; prune?: boolean; yes?: boolean; json?: boolean };

export const register: Register = (program, { io }) => {
  const command = program
    .command('push')
    .description(
      'Makes the workspace as the YAML files say. Shows the plan first: what is created, changed and archived, property by property.',
    )
    .argument('[file...]', 'by default armature.yaml and armature/*.yaml')
    .option('--dry-run', 'show the plan alone')
    .option('--prune', 'archive what is in no file, of each kind that a file has')
    .option('-y, --yes', 'apply the plan without asking')
    .option('--json', 'write the plan as JSON');
  addExamples(addServerOptions(command), [
    { command: 'armature push --dry-run', does: 'What would this branch change?' },
    { command: 'armature push --yes', does: 'Apply it in CI.' },
  ]).action(async (paths: string[], flags: Flags) => {
    const { findFiles, readCodeFiles } = await import('../../test/files.ts');
    const { applyPlan, confirm, requestPlan } = await import('../../code/push.ts');
    const { summarize, toPlanLines } = await import('../../code/plan-lines.ts');
    const files = await readCodeFiles(io, paths.length > 0 ? paths : await findFiles(io), 'ignore');
    const { connectServer } = await import('../../client/connection.ts');
    const client = await connectServer(io, flags);
    const push = { files, prune: flags.prune === true };
    const plan = await requestPlan(client, push);
    const { line, note, data, style } = createOutput(io, flags);
    for (const text of toPlanLines(plan, style)) line(text);
    for (const { message, field } of plan.warnings)
      note(`Warning: ${field === undefined ? '' : `${oneLine(field)}: `}${oneLine(message, 400)}`);
    if (plan.notInFiles.length > 0 && !flags.prune)
      note(`${plan.notInFiles.length} in the workspace and in no file stay as they are (--prune archives them).`);
    const isEmpty = plan.changes.length === 0;
    data({ ...plan, applied: !isEmpty && !flags.dryRun });
    if (isEmpty) return line('Nothing to change.');
    if (flags.dryRun) return line(`${summarize(plan)}. Nothing was applied.`);
    if (!flags.yes) {
      if (io.stdin.isTTY !== true)
        throw usageError('Add --yes to apply the plan without asking, or --dry-run to see it.');
      if (!(await confirm(io, `Apply this to ${client.url}: ${summarize(plan)}? [y/N] `)))
        return note('Nothing was applied.');
    }
    const applied = await applyPlan(client, push, plan);
    for (const { message } of applied.warnings.slice(plan.warnings.length)) note(`Warning: ${oneLine(message, 400)}`);
    line(`Applied: ${summarize(plan)}.`);
  });
};
