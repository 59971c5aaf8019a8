import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { fillAlertRule } from '../../domain/code/alert-rule.ts';
import { fillMonitor } from '../../domain/code/monitor.ts';
import { parseFile } from '../../domain/code/parse.ts';
import { type CodeFile, codeFile } from '../../domain/code/schema.ts';
import { fillWorkflow, toDefinition } from '../../domain/code/workflow.ts';
import { alertConditions } from '../../domain/notification/rule.ts';
import { toolPolicy, workflowDefinition } from '../../domain/workflow/definition.ts';

const doc = await readFile('docs/workflows-as-code.md', 'utf8');

/** Rows of the table below a heading: member of the file, member of the API, default. */
function rowsOf(heading: string): { file: string; api: string; usual: string }[] {
  const [, section = ''] = doc.split(`### ${heading}\n`);
  return [...(section.split('\n### ')[0] ?? '').matchAll(/^\| (.+?) \| (.+?) \| (.+?) \|$/gm)]
    .slice(2)
    .map(([, file = '', api = '', usual = '']) => ({ file, api, usual }));
}

const firstCode = (text: string): string => /`([^`]+)`/.exec(text)?.[1] ?? text;
const groups = new Set(['tools', 'limits', 'retry', 'conditions']);
/** `limits.turns`, `prompt`, … of an object. */
const listMembers = (value: object): string[] =>
  Object.entries(value).flatMap(([name, inner]) =>
    groups.has(name) && typeof inner === 'object' && inner !== null
      ? Object.keys(inner).map((each) => `${name}.${each}`)
      : [name],
  );

const item = { id: 'a', prompt: 'p', criteria: ['x'] };
let full: ReturnType<typeof fillWorkflow>;
beforeAll(() => {
  full = fillWorkflow(item);
});

describe('the tables of docs/workflows-as-code.md', () => {
  it('have every member of a file, and nothing else', () => {
    const named = (heading: string) =>
      rowsOf(heading)
        .map(({ file }) => firstCode(file))
        .filter((name) => name !== 'server')
        .sort();
    expect(named('Workflows')).toEqual(listMembers(full).sort());
    expect(named('Monitors')).toEqual(listMembers(fillMonitor({ id: 'a', tool: 't', every: '5m' })).sort());
    const rule = fillAlertRule({ name: 'a', target: 'all_workflows', destination: { email: 'a@example.com' } });
    expect(named('Alert rules')).toEqual(listMembers(rule).sort());
    const { shape } = codeFile.shape.maintenance.unwrap().element;
    expect(named('Maintenance')).toEqual(Object.keys(shape).sort());
  });

  it('have every member of the definition', () => {
    const api = rowsOf('Workflows').map((row) => row.api);
    const flat = Object.entries(workflowDefinition.shape).flatMap(([name]) => {
      const value = Object.entries(toDefinition(full, { serverId: 's', authProfileId: null })).find(
        ([key]) => key === name,
      )?.[1];
      if (name === 'criteria') return ['criteria[].text'];
      return ['toolPolicy', 'limits', 'retryPolicy'].includes(name) && typeof value === 'object' && value !== null
        ? Object.keys(value).map((each) => `${name}.${each}`)
        : [name];
    });
    expect(Object.keys(toolPolicy.shape)).toHaveLength(2);
    for (const name of flat)
      expect(
        api.filter((cell) => cell.includes(`\`${name}\``)),
        name,
      ).toHaveLength(1);
    const rules = rowsOf('Alert rules').map((row) => row.api);
    for (const name of Object.keys(alertConditions.shape))
      expect(
        rules.some((cell) => cell.includes(`\`conditions.${name}`)),
        name,
      ).toBe(true);
  });

  it('say what is usual', () => {
    const findValue = (root: object, path: string): unknown =>
      path
        .split('.')
        .reduce<unknown>((value, part) => Object.entries(Object(value)).find(([key]) => key === part)?.[1], root);
    const rule = fillAlertRule({ name: 'a', target: 'all_workflows', destination: { email: 'a@example.com' } });
    const usual = [
      ...rowsOf('Workflows').map((row) => ({ ...row, of: full })),
      ...rowsOf('Monitors').map((row) => ({ ...row, of: fillMonitor({ id: 'a', tool: 't', every: '5m' }) })),
      ...rowsOf('Alert rules').map((row) => ({ ...row, of: rule })),
    ].filter((row) => row.usual.startsWith('`'));
    expect(usual.length).toBeGreaterThan(15);
    for (const { file, usual: text, of } of usual) {
      const value = findValue(of, firstCode(file));
      expect(typeof value === 'string' ? value : JSON.stringify(value), file).toBe(firstCode(text));
    }
  });

  it('mark what defaults can have', () => {
    const marked = rowsOf('Workflows')
      .filter(({ file }) => file.includes('*d*'))
      .map(({ file }) => firstCode(file).split('.')[0]);
    expect([...new Set(marked)].sort()).toEqual(Object.keys(codeFile.shape.defaults.unwrap().shape).sort());
  });

  it('belong to an example that is valid', () => {
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(doc) ?? [];
    const parsed = parseFile(example, { path: 'docs', env: { SHOP_TOKEN: 'x' }, credentials: 'read' });
    const file: Partial<CodeFile> = parsed.ok ? parsed.file : {};
    expect(parsed).toMatchObject({ ok: true });
    expect(file.maintenance).toHaveLength(1);
  });
});
