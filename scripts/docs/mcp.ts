import { listMembers } from '../../api/input/describe-schema.ts';
import { isSchema, type Schema } from '../../api/input/json-schema.ts';
import { describeRemediation } from '../../api/mcp/agent-words.ts';
import { toolsByName } from '../../api/mcp/tool-list.ts';
import { errorKinds } from '../../domain/error/codes.ts';
import { table } from './table.ts';

/** Every tool of the endpoint with its hints and arguments. */
export function renderTools(): string {
  const tools = [...toolsByName.values()];
  const mark = (hint: boolean | undefined) => (hint ? 'yes' : '');
  const overview = table(
    ['tool', 'lowest role', 'read-only', 'destructive', 'idempotent', 'open world'],
    tools.map(({ listed: { name, annotations = {} }, useCase: { access } }) => [
      `[\`${name}\`](#${name})`,
      access,
      mark(annotations.readOnlyHint),
      mark(annotations.destructiveHint),
      mark(annotations.idempotentHint),
      mark(annotations.openWorldHint),
    ]),
  );
  const sections = tools.flatMap(({ listed: { name, title = name, inputSchema } }) => {
    const rows = isSchema(inputSchema) ? listArguments(inputSchema) : [];
    return [
      `### \`${name}\``,
      '',
      `${title}.${rows.length === 0 ? ' Takes no arguments.' : ''}`,
      '',
      ...(rows.length > 0 ? table(['argument', 'type', 'required', 'meaning'], rows) : []),
    ];
  });
  return [...overview, ...sections].join('\n');
}

/** Without the member that every tool takes. */
const listArguments = (schema: Schema): string[][] =>
  listMembers(schema)
    .filter(({ path }) => path !== 'telemetry' && !path.startsWith('telemetry.'))
    .map(({ path, type, isRequired, meaning }) => [`\`${path}\``, type, isRequired ? 'yes' : '', meaning]);

/** Every error code, with what an agent is told to do. */
export function renderErrors(): string {
  return table(
    ['code', 'HTTP status', 'when', 'what agents are told to do'],
    Object.entries(errorKinds).map(([code, { status, when }]) => [
      `\`${code}\``,
      String(status),
      when,
      describeRemediation(code) ?? 'what the error itself says',
    ]),
  ).join('\n');
}
