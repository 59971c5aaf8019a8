// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how files refer to the environment.
import { describe, expect, it } from 'vitest';
import { parseFile } from './parse.ts';

const env = { SHOP_TOKEN: 'secret', EMPTY: '' };

const read = (text: string, credentials: 'read' | 'ignore' = 'read') =>
  parseFile(text, { path: 'armature.yaml', env, credentials });

/** Problems as `line:column message`. */
const problems = (text: string) => {
  const parsed = read(text);
  return parsed.ok ? [] : parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
};

const whole = `version: 1
server:
  name: Shop
  url: http://127.0.0.1:3900/mcp
  headers:
    X-Env: ci
  auth:
    bearer: \${env.SHOP_TOKEN}
defaults:
  models: [builtin/scripted]
  limits: { duration: 5m }
workflows:
  - id: order-a-mug
    name: Order a mug
    tags: [smoke]
    prompt: |
      call search_products {"query": "mug"}
    criteria:
      - no tool call fails
      - text: finishes within 30 s
        optional: true
    schedule: "*/15 * * * *"
    tools: { block: [delete_order] }
monitors:
  - id: mug-price
    tool: get_product
    arguments: { id: 1 }
    every: 5m
    slowerThan: 500ms
alertRules:
  - name: Mugs
    target: { workflow: order-a-mug }
    destination: { email: ada@example.com }
    conditions: { failures: 3, within: 10m }
maintenance:
  - startsAt: 2026-12-01T00:00:00Z
    endsAt: 2026-12-01T02:00:00Z
`;

describe('reading a file', () => {
  it('reads every section, and the environment where a file may refer to it', () => {
    const parsed = read(whole);
    expect(parsed).toMatchObject({
      ok: true,
      file: {
        server: { auth: { bearer: 'secret' } },
        workflows: [{ id: 'order-a-mug', criteria: ['no tool call fails', { optional: true }] }],
        monitors: [{ every: '5m', slowerThan: '500ms' }],
        alertRules: [{ target: { workflow: 'order-a-mug' } }],
        maintenance: [{ endsAt: '2026-12-01T02:00:00Z' }],
      },
    });
  });

  it('needs no variables of credentials that are not read', () => {
    const text = whole.replace('SHOP_TOKEN', 'UNSET');
    expect(problems(text)).toEqual(['8:13 The environment variable UNSET is not set.']);
    expect(read(text, 'ignore')).toMatchObject({ ok: true, file: { server: { name: 'Shop' } } });
  });

  it('reads what it read again as the same', () => {
    const parsed = read(whole);
    const again = parsed.ok ? read(JSON.stringify(parsed.file)) : parsed;
    expect(again).toMatchObject({ ok: true, file: parsed.ok ? parsed.file : {} });
  });

  it('takes $${env.NAME} for the text, and refuses a variable in a prompt', () => {
    const text = (prompt: string) =>
      `version: 1\nworkflows:\n  - id: a\n    prompt: ${prompt}\n    criteria: [no tool call fails]\n`;
    expect(read(text('echo $${env.SHOP_TOKEN}'))).toMatchObject({
      file: { workflows: [{ prompt: 'echo ${env.SHOP_TOKEN}' }] },
    });
    expect(problems(text('echo ${env.SHOP_TOKEN}'))).toEqual([
      '4:13 Variables are read in server.url, server.headers, server.auth and models only. Write $${env.… for the text itself.',
    ]);
  });
});

describe('problems of a file', () => {
  const workflow = 'workflows:\n  - id: a\n    prompt: p\n    criteria: [x]\n';
  it.each([
    ['an empty file', '', ['1:1 The file is empty or a list. It must begin with version: 1.']],
    ['a list', '- 1', ['1:1 The file is empty or a list. It must begin with version: 1.']],
    ['no version', 'workflows: []', ['1:1 This must be 1: the version of the format.']],
    ['another version', 'version: 2', ['1:10 This must be 1: the version of the format.']],
    ['a misspelled member', 'version: 1\nworkflow: []', ['2:1 Unknown member "workflow". Did you mean workflows?']],
    [
      'a misspelled member of a workflow',
      `version: 1\n${workflow}    promt: x\n`,
      ['6:5 Unknown member "promt". Did you mean prompt?'],
    ],
    [
      'an unknown member',
      'version: 1\nserver:\n  url: x\n  zzz: 1',
      ['4:3 Unknown member "zzz". Known here: name, url, transport, headers, auth.'],
    ],
    ['a duplicate key', 'version: 1\nversion: 1', ['2:1 This key is there already. Remove one of the two.']],
    ['a merge key', 'version: 1\n<<: {}', [expect.stringContaining('2:1 Unknown member "<<".')]],
    ['a tag', 'version: !x 1', ['1:10 YAML tags (!…) are not supported. Remove it.']],
    ['a key that is no text', 'version: 1\n? [a]\n: 1', ['2:3 A key must be text.']],
    [
      'two documents',
      'version: 1\n---\nversion: 1',
      ['2:1 A file has one YAML document. Put what follows --- into a file of its own.'],
    ],
    ['no criteria', 'version: 1\nworkflows:\n  - id: a\n    prompt: p\n', ['3:5 This is missing.']],
    ['an empty prompt', `version: 1\n${workflow.replace('prompt: p', 'prompt:')}`, ['4:5 This must be text.']],
    [
      'a schedule that cron and Temporal read differently',
      `version: 1\n${workflow}    schedule: 0 9 1 * 1\n`,
      [expect.stringMatching(/^6:15 .*day/)],
    ],
    ['a time zone', `version: 1\n${workflow}    timezone: Berlin\n`, [expect.stringContaining('6:15 Not an IANA')]],
    [
      'a duration',
      `version: 1\n${workflow}    limits:\n      duration: 5 minutes\n`,
      ['7:17 This must be a duration, such as 500ms, 30s, 5m or 1h.'],
    ],
    ['a long duration', `version: 1\n${workflow}    limits:\n      duration: 2h\n`, ['7:17 At most 1h.']],
    [
      'part of a second',
      `version: 1\n${workflow}    limits:\n      duration: 500ms\n`,
      ['7:17 This must be a whole number of seconds.'],
    ],
    [
      'a criterion of two lines',
      `version: 1\n${workflow.replace('[x]', '["x\\ny"]')}`,
      ['5:16 A criterion is one line: put each outcome on a line of its own.'],
    ],
    [
      'a tool that is allowed and blocked',
      `version: 1\n${workflow}    tools: { allow: [a], block: [a] }\n`,
      ['6:34 "a" is both allowed and blocked: take it off one list.'],
    ],
    [
      'an id twice',
      `version: 1\n${workflow}  - id: a\n    prompt: p\n    criteria: [x]\n`,
      ['6:9 Another one above has the id a.'],
    ],
    [
      'an id that is none',
      `version: 1\n${workflow.replace('id: a', 'id: A b')}`,
      ['3:9 An id has 1 to 60 characters a–z, 0–9 and -, such as order-a-mug.'],
    ],
    [
      'a timeout above the interval',
      'version: 1\nmonitors:\n  - { id: a, tool: t, every: 1m, timeout: 60s }\n',
      ['3:43 The timeout must be below the interval (1m).'],
    ],
    [
      'an interval',
      'version: 1\nmonitors:\n  - { id: a, tool: t, every: 2m }\n',
      ['3:30 This must be one of "1m", "5m", "15m", "1h".'],
    ],
    [
      'a number that JSON has not',
      'version: 1\nmonitors:\n  - { id: a, tool: t, every: 1m, arguments: { n: .inf } }\n',
      ['3:45 A number is too large. Write it as a text if the tool takes one.'],
    ],
    ['a server without name and url', 'version: 1\nserver: {}', ['2:9 Give the name of the server, its url, or both.']],
    [
      'several at a time, in their order',
      'version: 1\nserver:\n  url: 1\nfoo: 1\n',
      ['3:8 This must be text.', expect.stringContaining('4:1 Unknown member "foo".')],
    ],
  ])('names %s with its position', (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  it('never quotes a value of the environment', () => {
    const text = 'version: 1\nmodels:\n  - name: x\n    baseUrl: ${env.SHOP_TOKEN}\n    models: [{ id: m }]\n';
    expect(problems(text)).toHaveLength(1);
    expect(problems(text)[0]).not.toContain('secret');
  });

  it.each([
    ['flow lists', '['.repeat(1_000_000)],
    ['flow maps', '{a: '.repeat(200_000)],
    ['block lists', '- '.repeat(500_000)],
    ['complex keys', '? '.repeat(300_000)],
    ['indented maps', Array.from({ length: 1400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['a large file', 'x'.repeat(2_000_000)],
  ])('refuses %s without reading them to their end', (_, text) => {
    const started = performance.now();
    expect(read(text)).toMatchObject({ ok: false, problems: [{ line: 1 }] });
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('refuses a bomb of aliases', () => {
    const levels = Array.from({ length: 30 }, (_, level) =>
      level === 0 ? 'l0: &l0 [x, x]' : `l${level}: &l${level} [*l${level - 1}, *l${level - 1}]`,
    );
    expect(problems(`version: 1\n${levels.join('\n')}`)).toEqual([expect.stringContaining('too many aliases')]);
  });
});
