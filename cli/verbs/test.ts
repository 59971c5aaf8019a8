import { InvalidArgumentError, Option } from 'commander';
import { parsePassRule } from '../../domain/stats/pass-rule.ts';
import { addExamples, collect, type Register } from '../command.ts';
import { withTargets } from '../connect.ts';
import { CommandError, formatProblem, usageError } from '../exit.ts';
import type { Io } from '../io.ts';
import { readCount, readDollars } from '../options.ts';
import type { TestOptions } from '../test/session.ts';

type Flags = Omit<TestOptions, 'files' | 'rule' | 'bail' | 'noLlm' | 'github' | 'updateBaseline'> & {
  passRule: TestOptions['rule'];
  bail?: boolean;
  watch?: boolean;
  maxCost?: number;
  llm: boolean;
  github?: boolean;
  updateBaseline?: boolean;
  failOn?: string;
  strictIncomplete?: boolean;
};

export const register: Register = (program, { io, exit }) => {
  const command = program
    .command('test')
    .description('Runs workflows of YAML files on this machine: the agent, the criteria and the judge of a server.')
    .argument('[files...]', 'by default armature.yaml, else armature/*.yaml')
    .option('--url <url>', 'test this server instead of that of the files')
    .option('--grep <pattern>', 'only workflows whose id or name matches this regular expression')
    .option('--tag <tag>', 'only workflows with this tag; may be repeated', collect)
    .option('--changed <catalog>', 'only workflows that use a tool which differs from this file of `armature catalog`')
    .option('--repeat <count>', 'how often to run each workflow with each model', readCount)
    .addOption(
      new Option('--pass-rule <rule>', 'when repeated runs pass: all, any, majority or rate:0.8')
        .argParser(readRule)
        .default({ kind: 'all' }, 'all'),
    )
    .option('--concurrency <count>', 'how many runs at the same time', readCount, 4)
    .option('--bail', 'begin no run after one that fails')
    .option('--watch', 'run again when a file changes')
    .option('--max-cost <dollars>', 'begin no run after this cost', readDollars)
    .option('--no-llm', 'without models: only explicit steps and assertions')
    .option('--junit <file>', 'write a JUnit report')
    .option('--json [file]', 'write a JSON report with all traces; without a file, to standard output')
    .option('--github', 'write annotations and a job summary for GitHub Actions')
    .option('--baseline <file>', 'compare pass rates with an earlier state')
    .option('--update-baseline', 'write the state to the file of --baseline')
    .option('--fail-on <outcomes>', '`flagged`: a call of a blocked tool fails the test')
    .option('--strict-incomplete', 'exit with 3 for a test without a verdict, even if another one failed');
  addExamples(command, [
    { command: 'armature test', does: 'Run everything in armature.yaml.' },
    { command: 'armature test --grep order --repeat 10 --pass-rule rate:0.9', does: 'How reliable are the orders?' },
    {
      command: 'armature test --url http://localhost:3000/mcp --watch --bail',
      does: 'While you work on the server or its workflows.',
    },
    {
      command: 'armature test --no-llm --junit report.xml --github',
      does: 'In CI, without a model: reports for the CI system and for GitHub Actions.',
    },
    {
      command: 'armature test --repeat 20 --baseline baseline.json --max-cost 0.50',
      does: 'Is it worse than before, within a budget?',
    },
  ]).action(async (files: string[], { passRule, llm, failOn, strictIncomplete = false, ...flags }: Flags) => {
    if (failOn !== undefined && failOn !== 'flagged') throw usageError(`--fail-on takes flagged, not "${failOn}".`);
    if (flags.updateBaseline && flags.baseline === undefined)
      throw usageError('--update-baseline needs the file: --baseline baseline.json.');
    const options: TestOptions = {
      ...flags,
      files,
      rule: passRule,
      bail: flags.bail === true,
      maxCost: flags.maxCost ?? null,
      noLlm: !llm,
      github: flags.github === true,
      updateBaseline: flags.updateBaseline === true,
      failsOnFlagged: failOn === 'flagged',
      isStrict: strictIncomplete,
    };
    const { runTests } = await import('../test/session.ts');
    await withTargets(async (targets) => {
      if (flags.watch) await watchTests(io, options, () => runTests(io, targets, options));
      else exit(await runTests(io, targets, options));
    });
  });
};

/** Runs until Ctrl-C. Files that can't be read are reported, and read again when they change. */
async function watchTests(io: Io, { files }: TestOptions, run: () => Promise<unknown>): Promise<void> {
  const [{ waitForChange }, { findFiles }] = await Promise.all([
    import('../test/watch.ts'),
    import('../test/files.ts'),
  ]);
  do {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      io.stderr.write(`${[error.message, ...error.problems.map(formatProblem)].filter(Boolean).join('\n')}\n`);
    }
    if (io.signal.aborted) return;
    io.stderr.write('Waiting for a change. Ctrl-C ends.\n');
  } while (await waitForChange(io, files.length > 0 ? files : await findFiles(io)));
}

function readRule(text: string): TestOptions['rule'] {
  const rule = parsePassRule(text);
  if (!rule) throw new InvalidArgumentError('It must be all, any, majority or a rate such as rate:0.8.');
  return rule;
}
