import { countTokens } from '../../domain/catalog/tokens.ts';
import type { EndpointAuth, ProbeResult, Tool } from '../../infra/mcp-target/index.ts';
import { addExamples, type Register } from '../command.ts';
import { addConnectOptions, type ConnectFlags, toEndpoint, toShownUrl, withTargets } from '../connect.ts';
import { exitCodes } from '../exit.ts';
import { addOAuthOptions, type OAuthFlags, showSignIn, withAuth } from '../oauth/options.ts';
import { createOutput, type Output } from '../output/output.ts';
import { oneLine } from '../output/style.ts';

export const register: Register = (program, { io, exit }) => {
  const command = program
    .command('probe')
    .description('Connects to an MCP server and shows what it is and which tools it has.')
    .argument('<url>', 'the address of the MCP endpoint')
    .option('--json', 'write the result as JSON');
  addExamples(addOAuthOptions(addConnectOptions(command)), [
    { command: 'armature probe https://example.com/mcp', does: 'Is this an MCP server, and does it work?' },
    { command: 'armature probe http://localhost:3000/sse --sse', does: 'A server with the older transport.' },
    {
      command: "armature probe https://example.com/mcp --bearer-env TOKEN --json | jq '.tools[].name'",
      does: 'With a token of the environment, as JSON.',
    },
    {
      command: 'armature probe https://example.com/mcp --oauth',
      does: 'Signs in in the browser, and shows each step.',
    },
  ]).action(async (url: string, flags: ConnectFlags & OAuthFlags & { json?: boolean }) => {
    const endpoint = toEndpoint(io, url, flags);
    const output = createOutput(io, flags);
    const probe = (auth: EndpointAuth) =>
      withTargets((targets) => targets.probe({ ...endpoint, auth }, { signal: io.signal }));
    const { result, trace } = await withAuth(io, { endpoint, flags, output }, probe);
    output.data({
      url: toShownUrl(url),
      ...(trace && { signIn: trace }),
      ...(result.ok ? { ...result, era: toEra(result), catalogTokens: countTokens(result.tools) } : result),
    });
    if (trace) await showSignIn(output, trace);
    if (!result.ok) {
      output.note(`${result.failure.message} ${result.failure.remediation}`);
      return exit(exitCodes.incomplete);
    }
    show(output, result);
  });
};

type Probed = ProbeResult & { ok: true };

/** Servers of the newer era have no sessions. */
const toEra = ({ protocolVersion }: Probed): 'stateless' | 'session' =>
  protocolVersion >= '2026-07-28' ? 'stateless' : 'session';

function show(output: Output, result: Probed): void {
  const { style, line } = output;
  const { server, protocolVersion, latencyMs, tools, catalog, hasResources } = result;
  const era = toEra(result) === 'stateless' ? 'without sessions' : 'with sessions';
  line(`${style('bold', oneLine(server.name))} ${oneLine(server.version)}`);
  line(`MCP ${oneLine(protocolVersion)}, ${era} · ready in ${latencyMs} ms${hasResources ? ' · has resources' : ''}`);
  line(
    `${tools.length} ${tools.length === 1 ? 'tool' : 'tools'} · about ${countTokens(tools)} tokens in each request to a model`,
  );
  if (!catalog.declaresTools) line(style('yellow', 'The server does not declare the tools capability.'));
  for (const warning of catalog.warnings) line(style('yellow', `Warning: ${oneLine(warning)}`));
  line();
  output.table<Tool>(
    [
      { title: 'TOOL', value: ({ name }) => name, style: (cell) => style('cyan', cell) },
      { title: 'HINTS', value: hints },
      { title: 'DESCRIPTION', value: ({ title, description }) => oneLine(description ?? title ?? '', 80) },
    ],
    tools,
  );
  const warned = tools.filter(({ warnings = [] }) => warnings.length > 0);
  if (warned.length + catalog.unusable.length > 0) line();
  for (const { name, warnings = [] } of warned)
    for (const warning of warnings) line(style('yellow', `Warning: ${oneLine(name)}: ${oneLine(warning, 300)}`));
  for (const { name, reasons } of catalog.unusable)
    line(
      style(
        'red',
        `Unusable: ${oneLine(name ?? 'a tool without a name')}: ${reasons.map((reason) => oneLine(reason)).join(' ')}`,
      ),
    );
}

const hints = ({ annotations = {}, taskSupport }: Tool): string =>
  [
    annotations.readOnlyHint === true && 'read-only',
    annotations.destructiveHint === true && 'destructive',
    annotations.idempotentHint === true && 'idempotent',
    taskSupport === 'required' && 'task only',
  ]
    .filter((hint) => hint !== false)
    .join(', ');
