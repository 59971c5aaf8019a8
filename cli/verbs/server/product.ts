import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Client } from '../../client/client.ts';
import { addServerOptions, type ServerFlags } from '../../client/options.ts';
import { addExamples, type Context, type Register } from '../../command.ts';
import { exitCodes, usageError } from '../../exit.ts';
import { type Io, readStdin, readTextFile } from '../../io.ts';
import { createOutput } from '../../output/output.ts';
import { count } from '../../output/quote.ts';
import { oneLine } from '../../output/style.ts';

type PushFlags = ServerFlags & {
  slug: string;
  name?: string;
  baseUrl?: string;
  activate?: boolean;
  allowBreaking?: boolean;
  json?: boolean;
};

export const register: Register = (program, context) => {
  const product = addExamples(program.command('product').description('Publishes HTTP APIs as MCP servers.'), [
    { command: 'armature product push openapi.yaml --slug shop', does: 'What would this document change?' },
    { command: 'armature product list', does: 'What is published?' },
  ]);
  registerPush(product, context);
  registerList(product, context);
};

function registerPush(product: Command, { io, exit }: Context): void {
  const command = product
    .command('push')
    .description(
      'Uploads an OpenAPI document, and shows what it changes. Exits with 1 if a change is breaking, and then activates nothing.',
    )
    .argument('<openapi>', 'a file, - for standard input, or an address that the server reads')
    .requiredOption('--slug <slug>', 'of the Product MCP, the last part of its address')
    .option('--base-url <url>', 'of the API; needed for a new Product MCP')
    .option('--name <name>', 'of a new Product MCP; its slug if left out')
    .option('--activate', 'make the version active')
    .option('--allow-breaking', 'also with breaking changes')
    .option('--json', 'write the result as JSON');
  addExamples(addServerOptions(command), [
    { command: 'armature product push openapi.yaml --slug shop', does: 'What would this document change?' },
    {
      command: 'armature product push openapi.yaml --slug shop --activate',
      does: 'Publish it, unless it breaks callers',
    },
  ]).action(async (given: string, flags: PushFlags) => {
    const { connectServer } = await import('../../client/connection.ts');
    const { documentAnswer } = await import('../../client/product-answers.ts');
    const client = await connectServer(io, flags);
    const source = await readSource(io, given);
    const { id: productMcpId, document: active } = await findOrCreate(client, flags);
    const { document, report } = await client.call(
      'uploadProductMcpDocument',
      { productMcpId, source },
      documentAnswer,
    );
    const { line, data, style } = createOutput(io, flags);
    line(`Version ${document.number} of ${oneLine(flags.slug)}: ${count(report.toolCount, 'tool')}.`);
    for (const { key, message } of report.refused.slice(0, 20))
      line(style('yellow', `Refused: ${oneLine(key)} (${oneLine(message, 200)})`));
    const changes =
      active && active.id !== document.id ? await compare(client, { productMcpId, afterId: document.id }) : [];
    for (const { tool, kind, breaking } of changes)
      line(
        `${style(breaking ? 'red' : 'dim', breaking ? 'breaking  ' : 'compatible')} ${oneLine(tool)}: ${oneLine(kind)}`,
      );
    const isBroken = changes.some(({ breaking }) => breaking) && !flags.allowBreaking;
    const activates = flags.activate === true && !isBroken;
    if (activates) await activate(client, { productMcpId, documentId: document.id });
    data({ document, report, changes, activated: activates });
    line(
      activates
        ? 'It is active.'
        : isBroken && flags.activate
          ? 'It is not active: callers would break.'
          : 'It is not active yet.',
    );
    if (isBroken) exit(exitCodes.verdict);
  });
}

async function readSource(io: Io, given: string) {
  if (/^https?:\/\//.test(given)) return { kind: 'url', url: given };
  const text = given === '-' ? await readStdin(io) : await readTextFile(resolve(io.cwd, given), '<openapi>');
  return { kind: 'text', text };
}

async function findOrCreate(client: Client, { slug, name = slug, baseUrl }: PushFlags) {
  const { productsAnswer, productAnswer } = await import('../../client/product-answers.ts');
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await client.call('listProductMcps', { limit: 200, ...(cursor && { cursor }) }, productsAnswer);
    const found = page.rows.find((row) => row.slug === slug);
    if (found) return found;
    cursor = page.nextCursor;
  }
  if (baseUrl === undefined) throw usageError(`There is no Product MCP "${slug}" yet. Give --base-url to create it.`);
  return client.call('createProductMcp', { name, slug, baseUrl }, productAnswer);
}

async function compare(client: Client, versions: { productMcpId: string; afterId: string }) {
  const { comparisonOfDocuments } = await import('../../client/product-answers.ts');
  return (await client.call('compareProductMcpDocuments', versions, comparisonOfDocuments)).changes;
}

async function activate(client: Client, version: { productMcpId: string; documentId: string }): Promise<void> {
  const { productAnswer } = await import('../../client/product-answers.ts');
  await client.call('activateProductMcpDocument', version, productAnswer);
}

function registerList(product: Command, { io }: Context): void {
  const command = product
    .command('list')
    .description('Lists the Product MCPs of the workspace, newest first.')
    .option('--json', 'write the result as JSON');
  addExamples(addServerOptions(command), [
    { command: 'armature product list', does: 'Which APIs do we publish, and where?' },
  ]).action(async (flags: ServerFlags & { json?: boolean }) => {
    const { connectServer } = await import('../../client/connection.ts');
    const { productsAnswer } = await import('../../client/product-answers.ts');
    const client = await connectServer(io, flags);
    const answer = await client.call('listProductMcps', { limit: 200 }, productsAnswer);
    const { table, data } = createOutput(io, flags);
    data(answer);
    table(
      [
        { title: 'SLUG', value: ({ slug }) => slug },
        { title: 'STATE', value: ({ state }) => state.replace('_', ' ') },
        { title: 'VERSION', value: ({ document }) => (document ? String(document.number) : ''), align: 'right' },
        { title: 'ADDRESS', value: ({ url }) => url },
        { title: 'NAME', value: ({ name }) => name },
      ],
      answer.rows,
    );
  });
}
