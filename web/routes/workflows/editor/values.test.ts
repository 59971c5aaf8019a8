import { describe, expect, it } from 'vitest';
import { workflowDefinition } from '../../../../domain/workflow/definition.ts';
import { toValues } from '../../../shell/form.ts';
import { parseEditor, toDefinition, toEditor } from './values.ts';

const definition = workflowDefinition.parse({
  name: 'Order a mug',
  serverId: '01890000-0000-7000-8000-000000000001',
  testerModels: ['builtin/scripted'],
  judgeModel: 'builtin/assertions',
  prompt: 'call a {}\ncall b {}',
  criteria: [
    { id: '01890000-0000-4000-8000-000000000002', text: 'calls `a`', isRequired: true },
    { id: '01890000-0000-4000-8000-000000000003', text: 'calls `b`', isRequired: false },
  ],
  schedule: '5 4 * * *',
  timezone: 'Europe/Berlin',
  toolPolicy: { allowedTools: ['a'], blockedTools: ['c'] },
  metadata: { team: 'qa: one' },
});

describe("the workflow editor's form", () => {
  it('gives back the definition that it shows', () => {
    expect(toDefinition(toEditor(definition))).toEqual(definition);
  });

  it('reads parallel lists, leaves empty lines out and keeps the ids of the others', () => {
    const form = new FormData();
    for (const [id, text, required] of [
      ['id-1', 'first', 'required'],
      ['id-2', '  ', 'required'],
      ['', 'new', 'optional'],
    ] as const) {
      form.append('criterion.id', id);
      form.append('criterion.text', text);
      form.append('criterion.required', required);
    }
    expect(toDefinition(parseEditor(toValues(form))).criteria).toEqual([
      { id: 'id-1', text: 'first', isRequired: true },
      { text: 'new', isRequired: false },
    ]);
  });

  it.each([
    ['', '1 2 3 4 5', null],
    ['0 * * * *', '', '0 * * * *'],
    ['custom', ' 5 4 * * * ', '5 4 * * *'],
  ])('takes preset %j over cron %j as %j', (preset, cron, schedule) => {
    expect(toDefinition({ ...toEditor(definition), preset, cron }).schedule).toBe(schedule);
  });
});
