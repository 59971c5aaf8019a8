import { describe, expect, it } from 'vitest';
import { endpoint, failureOf, setUpTargets } from '../../tests/support/targets/harness.ts';
import { type Answer, startScripted } from '../../tests/support/targets/scripted.ts';

const { targets, started } = setUpTargets();
const signal = new AbortController().signal;
const schema = { type: 'object', properties: {} };
const good = { name: 'good', inputSchema: schema };
const long = 'x'.repeat(70_000);

async function list(answer: Answer, answers: { [method: string]: Answer } = {}) {
  const server = await started(startScripted({ 'tools/list': answer, ...answers }));
  const target = await targets().connect(endpoint(server.url), { signal });
  await target.close();
  return { tools: target.tools, catalog: target.catalog, asked: server.asked };
}
const listed = (...tools: unknown[]) => list(() => ({ result: { tools } }));

describe('a tool that can not be called', () => {
  it.each<[string, unknown, string | null, string[]]>([
    ['is null', null, null, ['The tool is null, not an object.']],
    ['is a number', 7, null, ['The tool is 7, not an object.']],
    ['is a list', [good], null, ['The tool is a list, not an object.']],
    ['is a string', 'good', null, ['The tool is the string "good", not an object.']],
    ['has no name', { inputSchema: schema }, null, ['The tool has no name.']],
    ['has an empty name', { ...good, name: '' }, '', ['The tool has no name.']],
    ['has a number as its name', { ...good, name: 7 }, null, ['name is 7. It must be a string.']],
    ['has null as its name', { ...good, name: null }, null, ['name is null. It must be a string.']],
    [
      'has a name over 512 characters',
      { ...good, name: 'n'.repeat(513) },
      'n'.repeat(512),
      ['The name has 513 characters. At most 512 can be used.'],
    ],
    [
      'has no schema',
      { name: 'bad' },
      'bad',
      ['inputSchema is missing. A tool without arguments has {"type": "object"}.'],
    ],
    [
      'has null as its schema',
      { name: 'bad', inputSchema: null },
      'bad',
      ['inputSchema is null. It must be an object.'],
    ],
    [
      'has true as its schema',
      { name: 'bad', inputSchema: true },
      'bad',
      ['inputSchema is true. It must be an object.'],
    ],
    [
      'has a list as its schema',
      { name: 'bad', inputSchema: [] },
      'bad',
      ['inputSchema is a list. It must be an object.'],
    ],
    [
      'has a string as its schema',
      { name: 'bad', inputSchema: '{}' },
      'bad',
      ['inputSchema is the string "{}". It must be an object.'],
    ],
    [
      'takes a string',
      { name: 'bad', inputSchema: { type: 'string' } },
      'bad',
      ['inputSchema.type is the string "string". It must be "object".'],
    ],
    [
      'takes an object or null',
      { name: 'bad', inputSchema: { type: ['object', 'null'] } },
      'bad',
      ['inputSchema.type is a list. It must be "object".'],
    ],
    [
      'has the type null',
      { name: 'bad', inputSchema: { type: null } },
      'bad',
      ['inputSchema.type is null. It must be "object".'],
    ],
    [
      'has a schema over 64 KiB',
      { name: 'bad', inputSchema: { type: 'object', description: long } },
      'bad',
      ['inputSchema has 69 KiB. At most 64 KiB can be used.'],
    ],
    [
      'has an output schema over 64 KiB',
      { name: 'bad', inputSchema: schema, outputSchema: { type: 'object', description: long } },
      'bad',
      ['outputSchema has 69 KiB. At most 64 KiB can be used.'],
    ],
    [
      'has several problems',
      { name: 5, inputSchema: { type: 'array', description: long } },
      null,
      [
        'name is 5. It must be a string.',
        'inputSchema.type is the string "array". It must be "object".',
        'inputSchema has 69 KiB. At most 64 KiB can be used.',
      ],
    ],
  ])('%s, and leaves the others usable', async (_, tool, name, reasons) => {
    const { tools, catalog } = await listed(tool, good);
    expect(tools).toEqual([good]);
    expect(catalog).toEqual({ unusable: [{ name, reasons }], warnings: [], complete: true, declaresTools: true });
  });

  it('is every tool but the first of one name', async () => {
    const { tools, catalog } = await listed(
      good,
      { ...good, description: 'second' },
      { ...good, description: 'third' },
    );
    expect(tools).toEqual([good]);
    expect(catalog?.unusable.map(({ name, reasons }) => [name, reasons])).toEqual(
      Array(2).fill(['good', ['Another tool has the same name. The first one is used.']]),
    );
  });

  it('has invalid arguments in HTTP headers, on a server of the newer era', async () => {
    const mirrored = { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'My Region' } } };
    const tools = () => ({ result: { tools: [good, { name: 'bad', inputSchema: mirrored }] } });
    const discovered = { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
    const complete = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
    const newer = await list(() => ({ result: { ...tools().result, ...complete } }), {
      'server/discover': () => ({ result: { ...discovered, ...complete } }),
    });
    expect(newer.tools.map(({ name }) => name)).toEqual(['good']);
    expect(newer.catalog?.unusable).toEqual([
      { name: 'bad', reasons: [expect.stringContaining('x-mcp-header is "My Region"')] },
    ]);
    expect((await list(tools)).tools.map(({ name }) => name)).toEqual(['good', 'bad']);
  });

  it('does not take the name of a good one', async () => {
    const { tools, catalog } = await listed({ name: 'good' }, good);
    expect(tools).toEqual([good]);
    expect(catalog?.unusable).toHaveLength(1);
  });

  it('is counted beyond the first 200', async () => {
    const { catalog } = await listed(...Array.from({ length: 250 }, () => 7));
    expect(catalog?.unusable).toHaveLength(200);
    expect(catalog?.warnings).toEqual(["50 more tools can't be used."]);
  });
});

describe('a tool that strict clients refuse', () => {
  const input = (keywords: object) => ({ inputSchema: { ...schema, ...keywords } });
  const output = (outputSchema: unknown) => ({ outputSchema });
  it.each<[string, object, RegExp, object?]>([
    ['a schema without a type', { inputSchema: {} }, /inputSchema has no type/],
    ['required: null', input({ required: null }), /inputSchema\.required is null/],
    ['required: true', input({ required: true }), /inputSchema\.required is true/],
    ['a required name twice', input({ required: ['a', 'a'] }), /inputSchema\.required is a list\. .*different/],
    ['properties: null', input({ properties: null }), /inputSchema\.properties is null/],
    ['properties as a list', input({ properties: [] }), /inputSchema\.properties is a list/],
    ['properties: true', input({ properties: true }), /inputSchema\.properties is true/],
    ['a boolean as a property', input({ properties: { a: true } }), /has true or false for "a"/],
    ['a number as a property', input({ properties: { a: 1 } }), /properties has "a", which is 1/],
    ['an unknown type', input({ properties: { a: { type: 'str' } } }), /properties\.a\.type is the string "str"/],
    ['an empty list of types', input({ properties: { a: { type: [] } } }), /properties\.a\.type is a list/],
    ['required in a property', input({ properties: { a: { required: true } } }), /properties\.a\.required is true/],
    [
      'a reference to nothing',
      input({ properties: { a: { $ref: '#/$defs/b' } } }),
      /#\/\$defs\/b, which does not exist/,
    ],
    ['a missing anchor', input({ properties: { a: { $ref: '#b' } } }), /refers to #b, which does not exist/],
    [
      'a remote reference',
      input({ properties: { a: { $ref: 'https://example.com/a' } } }),
      /refers to another document/,
    ],
    [
      'the same value twice in an enum',
      input({ properties: { a: { enum: ['x', 'x'] } } }),
      /enum has the same value twice/,
    ],
    [
      'the same object twice in an enum',
      input({ properties: { a: { enum: [{}, {}] } } }),
      /enum has the same value twice/,
    ],
    ['an empty enum', input({ properties: { a: { enum: [] } } }), /enum is empty/],
    ['an enum that is no list', input({ properties: { a: { enum: 'x' } } }), /enum is the string "x"/],
    [
      'a pattern of Python',
      input({ properties: { a: { pattern: '^(?P<y>a)$' } } }),
      /pattern is not a regular expression/,
    ],
    ['a negative length', input({ properties: { a: { maxLength: -1 } } }), /maxLength is -1/],
    ['a bound of draft-04', input({ properties: { a: { exclusiveMinimum: true } } }), /exclusiveMinimum is true/],
    ['an empty anyOf', input({ properties: { a: { anyOf: [] } } }), /anyOf is a list\. It must be a list of schemas/],
    ['items that are no schema', input({ properties: { a: { items: 'string' } } }), /items is the string "string"/],
    ['an unknown dialect', input({ $schema: 'https://example.com/dialect' }), /\$schema names a dialect/],
    ['an output schema that is a list', output([]), /outputSchema is a list/, { outputSchema: undefined }],
    ['null as output schema', output(null), /outputSchema is null/, { outputSchema: undefined }],
    [
      'a list as output',
      output({ type: 'array' }),
      /outputSchema\.type is the string "array"/,
      output({ type: 'array' }),
    ],
    ['an output without a type', output({}), /outputSchema\.type is missing/, output({})],
    [
      'an output with a bad property',
      output({ ...schema, properties: { a: { type: 'int' } } }),
      /outputSchema\.properties\.a/,
    ],
    ['title: null', { title: null }, /title is null/, { title: undefined }],
    ['description: null', { description: null }, /description is null/, { description: undefined }],
    ['a number as description', { description: 5 }, /description is 5/, { description: undefined }],
    ['annotations: null', { annotations: null }, /annotations is null/, { annotations: undefined }],
    [
      'a hint that is a string',
      { annotations: { readOnlyHint: 'true', idempotentHint: true } },
      /annotations\.readOnlyHint is the string "true"/,
      { annotations: { idempotentHint: true } },
    ],
    ['_meta: null', { _meta: null }, /_meta is null/],
    ['icons that are no list', { icons: {} }, /icons is an object/],
    ['execution: null', { execution: null }, /execution is null/],
    ['unknown support of tasks', { execution: { taskSupport: 'yes' } }, /taskSupport is the string "yes"/],
    ['tasks only', { execution: { taskSupport: 'required' } }, /plain calls/, { taskSupport: 'required' }],
    ['a name with spaces', { name: 'x (y)' }, /The name should have/, { name: 'x (y)' }],
    ['a name with letters of other scripts', { name: 'größe' }, /The name should have/, { name: 'größe' }],
    ['a name with a slash', { name: 'a/b' }, /The name should have/],
    ['a name over 128 characters', { name: 'n'.repeat(129) }, /at most 128/],
    ['half of a surrogate pair in its name', { name: 'a\ud800b' }, /not valid Unicode/, { name: 'a\ufffdb' }],
    ['NUL in its name', { name: 'a\0b' }, /not valid Unicode/, { name: 'a\ufffdb' }],
    [
      'a description over 16 KiB',
      { description: 'ä'.repeat(10_000) },
      /The description has 20 KiB/,
      { description: 'ä'.repeat(8192) },
    ],
    [
      'a very deep schema',
      input({ not: JSON.parse(`${'{"not":'.repeat(150)}{}${'}'.repeat(150)}`) }),
      /deeper than 100/,
    ],
  ])('works, with a warning: %s', async (_, given, warning, kept = {}) => {
    const { tools, catalog } = await listed({ ...good, ...given });
    expect(catalog?.unusable).toEqual([]);
    // Undefined: the tool has no such member.
    for (const [member, value] of Object.entries({ inputSchema: { ...good, ...given }.inputSchema, ...kept }))
      expect(Object.entries(tools[0] ?? {}).find(([name]) => name === member)?.[1]).toEqual(value);
    expect(tools[0]?.warnings).toEqual([expect.stringMatching(warning)]);
  });

  it.each(['inputSchema', 'outputSchema'])(
    'is alone unusable when its %s is nested deeper than 500',
    async (member) => {
      const deep = `${'{"not":'.repeat(50_000)}{}${'}'.repeat(50_000)}`;
      const tools = JSON.stringify([{ ...good, name: 'deep', [member]: 'the schema' }, good]).replace(
        '"the schema"',
        deep,
      );
      const { tools: usable, catalog } = await list(({ id }, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"tools":${tools}}}`);
        return undefined;
      });
      expect(usable.map(({ name }) => name)).toEqual([good.name]);
      expect(catalog?.unusable).toEqual([{ name: 'deep', reasons: [`${member} is nested deeper than 500 levels.`] }]);
    },
  );

  it.each<[string, object]>([
    ['512 characters', { name: 'n'.repeat(512) }],
    ['names of objects', { name: '__proto__' }],
  ])('can have a name of %s', async (_, given) => {
    expect((await listed({ ...good, ...given })).tools).toMatchObject([given]);
  });

  it.each<[string, object]>([
    [
      'a recursive reference',
      input({ properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { items: { $ref: '#/$defs/a' } } } }),
    ],
    ['a reference to the whole', input({ properties: { a: { $ref: '#' } } })],
    ['an anchor', input({ properties: { a: { $ref: '#b' } }, $defs: { b: { $anchor: 'b', type: 'string' } } })],
    ['a reference to true', input({ properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: true } })],
    ['draft-07', input({ $schema: 'http://json-schema.org/draft-07/schema#', definitions: {}, items: [{}] })],
    [
      'unknown keywords and formats',
      input({ properties: { a: { type: 'string', format: 'int64', nullable: true, 'x-b': 1 } } }),
    ],
    [
      'properties with the names of keywords',
      input({ properties: { enum: {}, required: {}, $ref: { type: 'string' } } }),
    ],
    ['data that looks like keywords', input({ default: { type: 'str', required: null }, examples: [{ enum: 7 }] })],
    ['an output schema', { outputSchema: { type: 'object', properties: { a: { type: ['string', 'null'] } } } }],
    ['support of tasks', { execution: { taskSupport: 'optional' } }],
  ])('has no warning for %s', async (_, given) => {
    expect((await listed({ ...good, ...given })).tools[0]).not.toHaveProperty('warnings');
  });

  it('has at most ten warnings about a schema, and a count', async () => {
    const properties = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`p${n}`, { type: 'str' }]));
    const [tool] = (await listed({ ...good, inputSchema: { ...schema, properties } })).tools;
    expect(tool?.warnings).toHaveLength(11);
    expect(tool?.warnings?.at(-1)).toBe('inputSchema has 40 more such problems.');
  });
});

describe('secrets of the endpoint', () => {
  const token = 'kf83-hs72-qp10';

  it('are masked in tools and in what is said about them, before anything is cut', async () => {
    const tools = [
      { ...good, description: `${'d'.repeat(16 * 1024 - 6)} ${token}`, outputSchema: `the ${token}`, _meta: token },
      { ...good, name: 'typed', inputSchema: { type: 'object', properties: { a: { type: token, default: token } } } },
      { ...good, name: 'bad', inputSchema: token },
    ];
    const server = await started(startScripted({ 'tools/list': () => ({ result: { tools } }) }));
    const probe = await targets().probe(endpoint(server.url, { auth: { kind: 'bearer', token } }), { signal });
    expect(probe).toMatchObject({ ok: true, tools: [{ name: 'good' }, { name: 'typed' }] });
    for (let length = 5; length <= token.length; length++)
      expect(JSON.stringify(probe)).not.toContain(token.slice(0, length));
  });
});

describe('a list of tools', () => {
  const page = (tools: unknown[], nextCursor?: unknown) => ({ result: { tools, nextCursor } });
  const named = (name: string) => ({ ...good, name });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty text', ''],
  ])('ends with a cursor that is %s', async (_, nextCursor) => {
    const { tools, catalog } = await list(() => page([good], nextCursor));
    expect(tools).toEqual([good]);
    expect(catalog).toMatchObject({ complete: true, warnings: [] });
  });

  it.each<[string, Answer, RegExp, string[]]>([
    ['ignores the cursor', () => page([named('a'), named('b')], 'x'), /^Page 2 repeats page 1/, ['a', 'b']],
    [
      'gives the same cursor with other tools',
      ({ params }) => page([named(params?.cursor ? 'b' : 'a')], 'x'),
      /^Page 2 has the same nextCursor as page 1/,
      ['a', 'b'],
    ],
    ['has a number as cursor', () => page([named('a')], 2), /^nextCursor of page 1 isn.t a string/, ['a']],
    [
      'goes in circles',
      ({ params }) => page([], params?.cursor === 'a' ? 'b' : 'a'),
      /^Page 3 has the same nextCursor as page 1/,
      [],
    ],
    [
      'has an error on a later page',
      ({ params }) =>
        params?.cursor ? { error: { code: -32602, message: 'no such cursor' } } : page([named('a')], 'x'),
      /^Page 2 of the list can't be read: .*no such cursor/,
      ['a'],
    ],
    [
      'has a later page without tools',
      ({ params }) => (params?.cursor ? { result: {} } : page([named('a')], 'x')),
      /^Page 2 of the list can't be read: .*without a list of tools/,
      ['a'],
    ],
  ])('is read as far as possible when the server %s', async (_, answer, warning, names) => {
    const { tools, catalog } = await list(answer);
    expect(tools.map(({ name }) => name)).toEqual(names);
    expect(catalog).toMatchObject({ complete: false, declaresTools: true, unusable: [] });
    expect(catalog?.warnings).toEqual([expect.stringMatching(warning)]);
  });

  it('is read up to 100 pages', async () => {
    const { tools, catalog, asked } = await list(({ params }) => {
      const number = Number(params?.cursor ?? 0);
      return page([named(`t${number}`)], String(number + 1));
    });
    expect(tools).toHaveLength(100);
    expect(asked.filter((method) => method === 'tools/list')).toHaveLength(100);
    expect(catalog).toMatchObject({
      complete: false,
      warnings: ['The list has more than 100 pages. Only the first 100 were read.'],
    });
  });

  it('is read up to 2,000 tools', async () => {
    const all = Array.from({ length: 2001 }, (_, number) => named(`t${number}`));
    const { tools, catalog } = await listed(...all);
    expect(tools).toHaveLength(2000);
    expect(catalog).toMatchObject({
      complete: false,
      warnings: ['The list has more than 2000 tools. Only the first 2000 were read.'],
    });
    expect((await listed(...all.slice(0, 2000))).catalog).toMatchObject({ complete: true, warnings: [] });
  });

  it('is read up to 4 MiB, and no further page is asked for', async () => {
    const { tools, catalog, asked } = await list(({ params }) => {
      const number = Number(params?.cursor ?? 0);
      const described = { description: 'd'.repeat(390_000) };
      return page(
        Array.from({ length: 8 }, (_, n) => ({ ...named(`t${number}_${n}`), ...described })),
        String(number + 1),
      );
    });
    expect(tools).toHaveLength(10);
    expect(JSON.stringify(tools).length).toBeLessThan(200_000);
    expect(asked.filter((method) => method === 'tools/list')).toHaveLength(2);
    expect(catalog).toMatchObject({
      complete: false,
      warnings: ['The list is larger than 4 MiB. Only its first 10 tools were read.'],
    });
  });

  it('is asked for again when a later page may be readable soon', async () => {
    const error = await failureOf(
      list(({ params }, response) => {
        if (!params?.cursor) return page([named('a')], 'x');
        response.writeHead(503).end();
        return undefined;
      }),
    );
    expect(error).toMatchObject({ kind: 'http_status', retryable: true });
  });

  it.each<[string, unknown]>([
    ['a text', 'all'],
    ['null', null],
    ['an object', {}],
  ])('fails the connection when it is %s', async (_, tools) => {
    const error = await failureOf(list(() => ({ result: { tools } })));
    expect(error).toMatchObject({ kind: 'malformed_result' });
    expect(error.message).toContain('tools/list');
  });

  it('is not asked for where the server does not declare tools', async () => {
    const initialize: Answer = () => ({
      result: { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'bare', version: '1' } },
    });
    const { tools, catalog, asked } = await list(() => page([good]), { initialize });
    expect(tools).toEqual([]);
    expect(catalog).toEqual({ unusable: [], warnings: [], complete: false, declaresTools: false });
    expect(asked).not.toContain('tools/list');
  });
});
