import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { RuleResult, Severity } from '../../domain/report/rule.ts';
import type { AreaScore } from '../../domain/report/score.ts';
import { addExamples, type Register } from '../command.ts';
import { addConnectOptions, type ConnectFlags, toEndpoint, toShownUrl, withTargets } from '../connect.ts';
import { exitCodes, incompleteError, usageError } from '../exit.ts';
import { errorCode } from '../io.ts';
import { createOutput, type Output } from '../output/output.ts';
import { quoteLines } from '../output/quote.ts';
import { oneLine } from '../output/style.ts';

type Flags = ConnectFlags & {
  sarif?: string;
  junit?: string;
  failOn: string;
  calls: boolean;
  verbose?: boolean;
  json?: boolean;
};

/** Most severe first. */
const severities: readonly Severity[] = ['must', 'should', 'advice'];

export const register: Register = (program, { io, exit }) => {
  const command = program
    .command('scan')
    .description('Reports on an MCP server: conformance, quality of its tools, safety.')
    .argument('<url>', 'the address of the MCP endpoint')
    .option('--sarif <path>', 'write the findings as SARIF 2.1.0')
    .option('--junit <path>', 'write the rules as JUnit XML')
    .option('--fail-on <severity>', '`must` or `should`: exit with 1 on a finding of this severity or above', 'must')
    .option('--no-calls', 'call no tool at all; otherwise up to three that say they only read')
    .option('--verbose', 'also show advice, what was on the wire, and the rules that could not be run')
    .option('--json', 'write the result as JSON');
  addExamples(addConnectOptions(command), [
    { command: 'armature scan https://example.com/mcp', does: 'What is wrong with this server?' },
    {
      command: 'armature scan https://example.com/mcp --bearer-env TOKEN --sarif out.sarif --fail-on should',
      does: 'In CI, with a token of the environment.',
    },
  ]).action(async (url: string, flags: Flags) => {
    if (flags.failOn !== 'must' && flags.failOn !== 'should')
      throw usageError(`--fail-on takes must or should, not "${flags.failOn}".`);
    const limit = severities.indexOf(flags.failOn);
    const endpoint = toEndpoint(io, url, flags);
    const output = createOutput(io, flags);
    const [{ isTargetError }, { gather }, { rules }, { runRules }, { scoreAreas }] = await Promise.all([
      import('../../agent/ports.ts'),
      import('../scan/gather.ts'),
      import('../../domain/report/catalogue.ts'),
      import('../../domain/report/rule.ts'),
      import('../../domain/report/score.ts'),
    ]);
    const shownUrl = toShownUrl(url);
    const { evidence, server, protocolVersion } = await withTargets((targets) =>
      gather(targets, { endpoint, url: shownUrl, callsTools: flags.calls, signal: io.signal }),
    ).catch((error: unknown) => {
      if (isTargetError(error)) throw incompleteError(`${error.message} ${error.remediation}`);
      throw error;
    });
    const results = runRules(rules, evidence);
    const fails = ({ rule, findings }: RuleResult): boolean =>
      findings.length > 0 && severities.indexOf(rule.severity) <= limit;
    if (flags.sarif !== undefined) {
      const { toSarif } = await import('../scan/sarif.ts');
      await write(resolve(io.cwd, flags.sarif), toSarif(shownUrl, results));
    }
    if (flags.junit !== undefined) {
      const { toScanJunit } = await import('../scan/junit.ts');
      await write(resolve(io.cwd, flags.junit), toScanJunit(results, fails));
    }
    const scores = scoreAreas(results);
    output.data({
      url: shownUrl,
      server,
      protocolVersion,
      scores,
      rules: results.map(({ rule, status, reason }) => ({ id: rule.id, version: rule.version, status, reason })),
      findings: results.flatMap(({ findings }) => findings),
    });
    output.line(
      `${output.style('bold', oneLine(server.name))} ${oneLine(server.version)} · MCP ${oneLine(protocolVersion)}`,
    );
    show(output, { results, scores, isVerbose: flags.verbose === true });
    exit(results.some(fails) ? exitCodes.verdict : exitCodes.pass);
  });
};

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw usageError(`${path} can't be written (${errorCode(error)}).`);
  }
}

const colors = { must: 'red', should: 'yellow', advice: 'dim' } as const;

function show(
  { style, line, table }: Output,
  { results, scores, isVerbose }: { results: readonly RuleResult[]; scores: readonly AreaScore[]; isVerbose: boolean },
): void {
  line();
  table<AreaScore>(
    [
      { title: 'AREA', value: ({ area }) => area },
      { title: 'SCORE', value: ({ score }) => (score === null ? 'none' : String(score)), align: 'right' },
      { title: 'PASSED', value: ({ passed }) => String(passed), align: 'right' },
      { title: 'FAILED', value: ({ failed }) => String(failed), align: 'right' },
      { title: 'NOT APPLICABLE', value: ({ notApplicable }) => String(notApplicable), align: 'right' },
      { title: 'NOT RUN', value: ({ couldNotRun }) => String(couldNotRun), align: 'right' },
    ],
    scores,
  );
  for (const severity of severities)
    for (const { rule, findings, more } of results) {
      if (rule.severity !== severity || findings.length === 0 || (severity === 'advice' && !isVerbose)) continue;
      line();
      line(
        `${style(colors[severity], severity)} ${style('bold', rule.title)} ${style('dim', `${rule.id} · ${rule.clause}`)}`,
      );
      for (const { subject, message, wire } of findings.slice(0, isVerbose ? findings.length : 5)) {
        line(`  ${subject === '' ? '' : `${style('cyan', oneLine(subject, 80))}: `}${oneLine(message, 300)}`);
        if (isVerbose && wire !== undefined) for (const text of quoteLines(wire)) line(`  ${text}`);
      }
      const hidden = (isVerbose ? 0 : Math.max(0, findings.length - 5)) + more;
      if (hidden > 0) line(`  and ${hidden} more`);
      line(`  ${rule.remedy}`);
    }
  const unrun = results.filter(({ status }) => status === 'could_not_run');
  if (isVerbose && unrun.length > 0) line();
  if (isVerbose) for (const { rule, reason } of unrun) line(`not run: ${rule.title} (${oneLine(reason ?? '', 200)})`);
}
