import type { EndpointAuth } from '../../infra/mcp-target/index.ts';
import { addExamples, collect, type Register } from '../command.ts';
import { addConnectOptions, type ConnectFlags, toEndpoint, toShownUrl, withTargets } from '../connect.ts';
import { combineExitCodes, type ExitCode, exitCodes, usageError } from '../exit.ts';
import { readText } from '../io.ts';
import { addOAuthOptions, type OAuthFlags, showSignIn, withAuth } from '../oauth/options.ts';
import { readCount, readSeconds } from '../options.ts';
import { createOutput, type Output } from '../output/output.ts';
import { quoteLines } from '../output/quote.ts';
import { oneLine } from '../output/style.ts';

type Flags = ConnectFlags &
  OAuthFlags & {
    tool: string;
    args?: string;
    assert?: string[];
    repeat: number;
    timeout: number;
    slowerThan?: number;
    failOn?: string;
    strictIncomplete?: boolean;
    json?: boolean;
  };

export const register: Register = (program, { io, exit }) => {
  const command = program
    .command('check')
    .description('Calls one tool with fixed arguments, as a monitor does, without a model.')
    .argument('<url>', 'the address of the MCP endpoint')
    .requiredOption('--tool <name>', 'the tool to call')
    .option('--args <json>', 'its arguments as JSON; @file reads a file, - standard input')
    .option('--assert <assertion>', 'what must hold of the result; may be repeated', collect)
    .option('--repeat <count>', 'how often to call it', readCount, 1)
    .option('--timeout <seconds>', 'the time limit of one call', readSeconds, 30)
    .option('--slower-than <seconds>', 'a slower call is degraded', readSeconds)
    .option('--fail-on <outcomes>', '`degraded`: exit with 1 also for a slow call or a result that breaks its schema')
    .option('--strict-incomplete', 'exit with 3 for a check without a result, even if another one failed')
    .option('--json', 'write the result as JSON');
  addExamples(addOAuthOptions(addConnectOptions(command)), [
    {
      command: `armature check https://example.com/mcp --tool search --args '{"query": "mug"}'`,
      does: 'Call a tool once.',
    },
    {
      command:
        'armature check https://example.com/mcp --tool get_order --args @order.json --assert \'`get_order` result field `status` equals "paid"\'',
      does: 'With arguments of a file, and an assertion about the result.',
    },
    { command: 'armature check https://example.com/mcp --tool ping --repeat 20', does: 'How reliable, how fast?' },
    {
      command: 'armature check https://example.com/mcp --tool ping --oauth --client-id ci --client-secret-env SECRET',
      does: 'In CI, with client credentials.',
    },
  ]).action(async (url: string, flags: Flags) => {
    if (flags.failOn !== undefined && flags.failOn !== 'degraded')
      throw usageError(`--fail-on takes degraded, not "${flags.failOn}".`);
    const args = await readArguments(flags.args === undefined ? '{}' : await readText(io, flags.args, '--args'));
    const assertions = flags.assert ?? [];
    const { checkAssertions, makeChecks } = await import('../check/checks.ts');
    checkAssertions(assertions);
    const endpoint = toEndpoint(io, url, flags);
    const output = createOutput(io, flags);
    const check = (auth: EndpointAuth) =>
      withTargets((targets) =>
        makeChecks(
          { targets, endpoint: { ...endpoint, auth }, signal: io.signal },
          { ...flags, arguments: args, assertions },
        ),
      );
    const { result: checks, trace } = await withAuth(io, { endpoint, flags, output }, check);
    output.data({ url: toShownUrl(url), tool: flags.tool, ...(trace && { signIn: trace }), checks });
    if (trace) await showSignIn(output, trace);
    show(output, checks);
    const codes = checks.map((check) => toExitCode(check, flags.failOn === 'degraded'));
    exit(combineExitCodes(codes, { isStrict: flags.strictIncomplete === true }));
  });
};

type Check = Awaited<ReturnType<typeof import('../check/checks.ts').makeChecks>>[number];

function toExitCode({ outcome, unmet }: Check, failsOnDegraded: boolean): ExitCode {
  if (outcome === 'error') return exitCodes.incomplete;
  if (outcome === 'fail' || unmet.length > 0) return exitCodes.verdict;
  return outcome === 'degraded' && failsOnDegraded ? exitCodes.verdict : exitCodes.pass;
}

/** @throws CommandError when it isn't a JSON object */
async function readArguments(text: string): Promise<{ [name: string]: unknown }> {
  const { toEntries } = await import('../../domain/json/json.ts');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw usageError(`--args is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  const entries = toEntries(value);
  if (!entries) throw usageError('--args must be a JSON object, such as {"query": "mug"}.');
  return Object.fromEntries(entries);
}

const colors = { pass: 'green', degraded: 'yellow', fail: 'red', error: 'red' } as const;

function show({ style, line, table }: Output, checks: readonly Check[]): void {
  const [only] = checks;
  if (only && checks.length === 1) {
    line(`${style(colors[only.outcome], only.outcome)}${only.latencyMs === null ? '' : ` in ${only.latencyMs} ms`}`);
    for (const reason of only.reasons) line(`  ${oneLine(reason, 500)}`);
    for (const text of only.excerpt === null ? [] : quoteLines(only.excerpt)) line(text);
    return;
  }
  table<Check & { number: number }>(
    [
      { title: '#', value: ({ number }) => String(number), align: 'right' },
      { title: 'OUTCOME', value: ({ outcome }) => outcome, style: (cell, { outcome }) => style(colors[outcome], cell) },
      { title: 'MS', value: ({ latencyMs }) => (latencyMs === null ? '' : String(latencyMs)), align: 'right' },
      { title: 'WHY', value: ({ reasons }) => reasons.join(' ') },
    ],
    checks.map((check, index) => ({ ...check, number: index + 1 })),
  );
  const passes = checks.filter(({ outcome }) => outcome === 'pass').length;
  line(`${passes} of ${checks.length} passed`);
}
