// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how files refer to the environment.
import { describe, expect, it } from 'vitest';
import { editFile } from './edit.ts';
import { parseFile } from './parse.ts';
import type { SentFile } from './schema.ts';
import { writeDocument } from './yaml.ts';

const text = `# Our shop
version: 1
server: {name: Shop, url: http://127.0.0.1:3900/mcp}
defaults:
  limits: {turns: 30} # slow models
workflows:
  # The one that matters.
  - id: order-a-mug
    name: Order a mug
    timezone: UTC # as everywhere
    prompt: |
      call search_products {"query": "mug"}
      call create_order {"sku": "mug"}
    criteria:
      # free
      - no tool call fails
      - finishes within 30 s # patience
    repeat: 5
    models: [builtin/scripted]
    judge: builtin/assertions
monitors:
  - {id: mugs, tool: search_products, arguments: {query: mug, limit: 5}, every: 5m}
`;

function read(source: string) {
  const parsed = parseFile(source, { path: 'a.yaml', env: {}, credentials: 'ignore' });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed;
}

const workflow = {
  id: 'order-a-mug',
  name: 'Order a mug',
  prompt: 'call search_products {"query": "mug"}\ncall create_order {"sku": "mug"}',
  criteria: ['no tool call fails', 'finishes within 30 s'],
  models: ['builtin/scripted'],
  judge: 'builtin/assertions',
  limits: { turns: 30 },
};

/** The lines that editing adds and removes. */
function edit(now: Partial<SentFile>) {
  const parsed = read(text);
  const isChanged = editFile(parsed, { version: 1, ...now });
  const after = writeDocument(parsed.document, text);
  const [old, lines] = [text.split('\n'), after.split('\n')];
  return {
    isChanged,
    after,
    removed: old.filter((each) => !lines.includes(each)),
    added: lines.filter((each) => !old.includes(each)),
  };
}

describe('editing a file', () => {
  it('leaves it as it is where the meaning is the same', () => {
    expect(edit({ workflows: [workflow] })).toMatchObject({ isChanged: false, added: [], removed: [] });
  });

  it('changes the lines that differ, and keeps comments, style and what is for the file alone', () => {
    const changed = edit({
      workflows: [
        {
          ...workflow,
          timezone: 'Europe/Berlin',
          prompt: workflow.prompt.replace('mug"}\n', 'cup"}\n'),
          criteria: ['finishes within 30 s', 'no tool call fails', 'calls `create_order` once'],
          limits: { turns: 40 },
        },
      ],
      monitors: [{ id: 'mugs', tool: 'search_products', arguments: { query: 'cup', limit: 5 }, every: '5m' }],
    });
    expect(changed.after).toContain('timezone: Europe/Berlin # as everywhere');
    expect(changed.after).toContain('      # free\n      - no tool call fails\n');
    expect(changed.after).toContain('- finishes within 30 s # patience');
    expect(changed.after).toContain('    repeat: 5\n');
    expect(changed.added).toEqual([
      '    timezone: Europe/Berlin # as everywhere',
      '      call search_products {"query": "cup"}',
      '      - calls `create_order` once',
      '    limits:',
      '      turns: 40',
      '  - {id: mugs, tool: search_products, arguments: {query: cup, limit: 5}, every: 5m}',
    ]);
    expect(read(changed.after).file.workflows?.[0]).toMatchObject({ repeat: 5, limits: { turns: 40 } });
  });

  it('adds what is new, and sections that were not there', () => {
    const changed = edit({
      workflows: [{ ...workflow, id: 'new', prompt: 'say ${env.HOME}' }],
      alertRules: [{ name: 'Mugs', target: 'all_workflows', destination: { email: 'ada@example.com' } }],
    });
    expect(changed.removed).toEqual([]);
    const { file } = read(changed.after);
    expect(file.workflows?.map(({ id, prompt }) => ({ id, prompt }))).toMatchObject([
      { id: 'order-a-mug' },
      { id: 'new', prompt: 'say ${env.HOME}' },
    ]);
    expect(file.alertRules).toHaveLength(1);
  });

  it('takes away what has its usual value again', () => {
    const removed = edit({
      monitors: [{ id: 'mugs', tool: 'search_products', arguments: { query: 'mug' }, every: '5m' }],
    });
    expect(removed.added).toEqual(['  - {id: mugs, tool: search_products, arguments: {query: mug}, every: 5m}']);
  });
});
