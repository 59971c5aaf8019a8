import { type Case, fails, type Reply, tool } from './case.ts';

const tools = (...list: unknown[]): Case => ({ server: { tools: list } });

/** The older client refuses the whole list for one such tool. */
const spoiled = (each: Case): Case => ({ ...each, older: 'fails' });
const schema = (inputSchema: unknown): Case => tools(tool('x', { inputSchema }));
const property = (a: unknown): Case => schema({ type: 'object', properties: { a } });

/** Pages of `tools/list`; the cursor is the text before the next page. */
const pages = (page: (cursor: string | undefined) => unknown): Case['server'] => {
  const list: Reply = ({ message: { id, params } }) => {
    const cursor = params?.cursor;
    return { jsonrpc: '2.0', id, result: page(cursor === undefined ? undefined : String(cursor)) };
  };
  return { on: { 'tools/list': list } };
};

/** What `tools/list` says. */
export const catalogs: { [name: string]: Case } = {
  'schema-missing': spoiled(tools(tool('x'), { name: 'y', description: 'no schema' })),
  'schema-null': spoiled(tools(tool('x'), tool('y', { inputSchema: null }))),
  'schema-empty': spoiled(tools(tool('x'), tool('y', { inputSchema: {} }))),
  'schema-type-list': spoiled(tools(tool('x'), tool('y', { inputSchema: { type: ['object', 'null'] } }))),
  'schema-root-reference': spoiled(
    tools(tool('x'), tool('y', { inputSchema: { $ref: '#/$defs/A', $defs: { A: { type: 'object' } } } })),
  ),
  'tool-null-members': spoiled(
    tools(tool('x', { title: null, annotations: null, outputSchema: null, _meta: null, icons: null }), tool('z')),
  ),
  'annotations-of-wrong-types': spoiled(
    tools(tool('x', { annotations: { readOnlyHint: 'true', destructiveHint: null, title: null } })),
  ),
  'output-schema-list': spoiled(tools(tool('x', { outputSchema: { type: 'array', items: { type: 'object' } } }))),
  'schema-recursive': schema({
    type: 'object',
    properties: { root: { $ref: '#/$defs/N' } },
    $defs: { N: { type: 'object', properties: { kids: { type: 'array', items: { $ref: '#/$defs/N' } } } } },
  }),
  'schema-dangling-reference': property({ $ref: '#/$defs/Missing' }),
  'schema-remote-reference': property({ $ref: 'https://example.com/s.json' }),
  'schema-draft-7': schema({
    $schema: 'http://json-schema.org/draft-07/schema#',
    definitions: { A: { type: 'string' } },
    type: 'object',
    properties: { n: { $ref: '#/definitions/A' } },
  }),
  'schema-draft-2019': schema({
    $schema: 'https://json-schema.org/draft/2019-09/schema',
    type: 'object',
    properties: { n: { type: 'string' } },
  }),
  'schema-bad-pattern': property({ type: 'string', pattern: '(?i)^[a-z\\p{L}+$' }),
  'schema-python-pattern': property({ type: 'string', pattern: '^(?P<y>\\d{4})$' }),
  'schema-formats': property({ type: 'string', format: 'made-up' }),
  'schema-null-members': spoiled(schema({ type: 'object', properties: null, required: null })),
  'schema-properties-list': spoiled(schema({ type: 'object', properties: [] })),
  'schema-required-in-property': property({ type: 'string', required: true }),
  'schema-enum-twice': property({ type: 'string', enum: ['a', 'a'] }),
  'schema-unknown-keywords': property({ type: 'string', nullable: true, example: 'q', 'x-foo': 1 }),
  'schema-unknown-type': property({ type: 'str' }),
  'schema-null-default': property({ type: 'string', default: null }),
  'schema-boolean-property': spoiled(property(true)),
  'name-unicode': tools(tool('x'), tool('größe_計算_🎉')),
  'name-punctuation': tools(
    ...['x', 'a.b.c', 'ns/tool', 'ns:tool@v1', 'has space', "quo'te", '"dq"', 'back`tick'].map((name) => tool(name)),
  ),
  'name-long': tools(tool('x'), tool('n'.repeat(300)), tool('m'.repeat(128))),
  'name-too-long': tools(tool('x'), tool('n'.repeat(600))),
  'name-empty': tools(tool('x'), tool('')),
  'name-twice': tools(tool('x'), tool('x', { description: 'second' })),
  'name-case': tools(tool('x'), tool('X')),
  'name-of-the-language': tools(...['x', '__proto__', 'constructor', 'toString'].map((name) => tool(name))),
  'name-lone-surrogate': tools(tool('x'), tool('a\ud800b')),
  'two-bad-tools': spoiled(tools(tool('x'), tool('bad1', { inputSchema: {} }), tool('bad2', { description: null }))),
  'tool-is-a-number': spoiled(tools(tool('x'), 7)),
  '1500-tools': tools(tool('x'), ...Array.from({ length: 1499 }, (_, n) => tool(`tool_${n}`))),
  '2500-tools': tools(tool('x'), ...Array.from({ length: 2499 }, (_, n) => tool(`tool_${n}`))),
  'long-description': tools(tool('x', { description: 'd'.repeat(300_000) })),
  'no-tools': { server: { tools: [] } },
  'tools-null': {
    server: { tools: null },
    probe: fails('malformed_result', 'tools/list'),
    older: 'fails',
  },
  'tools-object': { server: { tools: { x: {} } }, probe: fails('malformed_result', 'tools/list'), older: 'fails' },
  'no-tools-capability': { server: { initialize: { capabilities: {} } } },
  'list-meta-null': {
    server: pages(() => ({ _meta: null, tools: [tool('x')] })),
    probe: fails('malformed_result', 'tools/list', '_meta', 'null'),
    older: 'fails',
  },
  'cursor-empty': { server: pages(() => ({ tools: [tool('x')], nextCursor: '' })) },
  'cursor-null': { server: pages(() => ({ tools: [tool('x')], nextCursor: null })), older: 'fails' },
  'cursor-number': {
    server: pages((at) => ({ tools: [tool(`x${at ?? ''}`)], ...(at ? {} : { nextCursor: 2 }) })),
    older: 'fails',
  },
  'cursor-repeats': { server: pages((at) => ({ tools: [tool(`t${at ?? ''}`)], nextCursor: 'same' })) },
  'cursor-alternates': { server: pages((at) => ({ tools: [], nextCursor: at === 'a' ? 'b' : 'a' })) },
  'cursor-ignored': { server: pages(() => ({ tools: [tool('x')], nextCursor: '2' })) },
  'cursor-endless': {
    server: pages((at = '0') => ({ tools: [tool(`t${at}`)], nextCursor: String(Number(at) + 1) })),
  },
  'three-pages': {
    server: pages((at = '0') => ({
      tools: Array.from({ length: 50 }, (_, n) => tool(at === '0' && n === 0 ? 'x' : `t${at}_${n}`)),
      ...(at === '2' ? {} : { nextCursor: String(Number(at) + 1) }),
    })),
  },
};
