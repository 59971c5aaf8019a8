// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how files refer to the environment.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyDefinition, line, list } from '../../tests/support/arbitrary/definition.ts';
import { workflowDefinition } from '../workflow/definition.ts';
import { readDuration, writeDuration } from './duration.ts';
import { parseFile } from './parse.ts';
import type { CodeFile } from './schema.ts';
import { toSlug } from './slug.ts';
import { compactWorkflow, type Defaults, fillWorkflow, fromDefinition, toDefinition } from './workflow.ts';
import { writeFile } from './yaml.ts';

const schemaUrl = 'https://armature.example.com/schemas/workflows.json';

const anyDefaults: fc.Arbitrary<Defaults> = fc.record(
  {
    models: list(line, 1),
    judge: line,
    timezone: fc.constantFrom('Europe/Berlin', 'UTC'),
    authProfile: fc.constantFrom(null, 'Other'),
    limits: fc.record({ turns: fc.constantFrom(1, 20, 30), duration: fc.constantFrom('5m', '300s', '1h') }),
    retry: fc.record({ backoff: fc.constantFrom('0s', '1s', '500ms') }),
    storeToolResults: fc.boolean(),
  },
  { requiredKeys: [] },
);

describe('a workflow in a file', () => {
  it('keeps every definition through YAML, whatever the defaults of the file', () => {
    fc.assert(
      fc.property(
        anyDefinition,
        list(fc.constantFrom('smoke', 'nightly')),
        anyDefaults,
        (definition, tags, defaults) => {
          const authProfile = definition.authProfileId === null ? null : 'Robot';
          const full = fromDefinition(definition, { id: 'some-id', tags, authProfile });
          const file: CodeFile = { version: 1, defaults, workflows: [compactWorkflow(full, defaults)] };
          const parsed = parseFile(writeFile(file, { schemaUrl }), { path: 'a.yaml', env: {}, credentials: 'read' });
          if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
          const [workflow] = parsed.file.workflows ?? [];
          if (!workflow) throw new Error('The workflow is missing.');
          const read = fillWorkflow(workflow, parsed.file.defaults);
          expect(read).toEqual(full);
          const { criteria, ...rest } = toDefinition(read, definition);
          expect({
            ...rest,
            criteria: criteria.map((each, index) => ({ id: definition.criteria[index]?.id, ...each })),
          }).toEqual(definition);
        },
      ),
      { numRuns: 500 },
    );
  }, 60_000);

  it('leaves out what everything has', () => {
    const definition = workflowDefinition.parse({
      name: 'Order a mug',
      serverId: '00000000-0000-4000-8000-000000000001',
      testerModels: ['builtin/scripted'],
      judgeModel: 'builtin/assertions',
      prompt: 'call search_products {"query": "mug"}',
      criteria: [{ id: '00000000-0000-4000-8000-000000000003', text: 'no tool call fails' }],
    });
    const full = fromDefinition(definition, { id: 'order-a-mug', tags: [], authProfile: null });
    expect(compactWorkflow(full)).toEqual({
      id: 'order-a-mug',
      name: 'Order a mug',
      prompt: 'call search_products {"query": "mug"}',
      criteria: ['no tool call fails'],
      models: ['builtin/scripted'],
      judge: 'builtin/assertions',
    });
  });
});

describe('durations', () => {
  it.each([
    ['30s', 's', 30],
    ['5m', 's', 300],
    ['1h', 'm', 60],
    ['500ms', 's', 0.5],
    ['1.5s', 'ms', 1500],
    ['0s', 's', 0],
  ] as const)('reads %s in %s', (written, unit, count) => {
    expect(readDuration(written, unit)).toBe(count);
  });

  it.each(['', '5', 's', '-1s', '5 s', '1d', '1e5s', 'Infinitys'])('reads no duration in "%s"', (written) => {
    expect(readDuration(written, 's')).toBeNull();
  });

  it.each([
    [300, 's', '5m'],
    [3600, 's', '1h'],
    [90, 's', '90s'],
    [1500, 'ms', '1500ms'],
    [2000, 'ms', '2s'],
    [0, 's', '0s'],
    [90, 'm', '90m'],
  ] as const)('writes %s %s as %s', (count, unit, written) => {
    expect(writeDuration(count, unit)).toBe(written);
  });
});

describe('slugs', () => {
  const free = { isTaken: () => false, fallback: 'workflow' };
  it.each([
    ['Order a mug (fast)', 'order-a-mug-fast'],
    ['  Größe — Übersicht ', 'gro-e-ubersicht'],
    ['注文する', 'workflow'],
    ['x'.repeat(100), 'x'.repeat(60)],
    [`${'x'.repeat(59)} y`, 'x'.repeat(59)],
  ])('makes one of "%s"', (name, expected) => {
    expect(toSlug(name, free)).toBe(expected);
  });

  it('takes the next free number', () => {
    const taken = new Set(['mug', 'mug-2']);
    expect(toSlug('Mug', { isTaken: (slug) => taken.has(slug), fallback: 'workflow' })).toBe('mug-3');
    const long = 'x'.repeat(60);
    expect(toSlug(long, { isTaken: (slug) => slug === long, fallback: 'workflow' })).toBe(`${'x'.repeat(58)}-2`);
  });
});
