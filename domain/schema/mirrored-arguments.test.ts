import { describe, expect, it } from 'vitest';
import { findMirrorProblem } from './mirrored-arguments.ts';

const on = (property: object) => ({ type: 'object', properties: { region: property } });
const mirrored = (name: unknown, type: unknown = 'string') => ({ type, 'x-mcp-header': name });

describe('arguments in HTTP headers', () => {
  it.each<[string, object]>([
    ['none', { type: 'object' }],
    ['a string', on(mirrored('Region'))],
    ['a whole number', on(mirrored('Region', 'integer'))],
    ['in an object', on(on(mirrored('Region')))],
    ['two names', { type: 'object', properties: { a: mirrored('A'), b: mirrored('B', 'boolean') } }],
    [
      'the keyword as a value',
      on({ type: 'object', default: mirrored(7), examples: [mirrored('')], enum: [mirrored(0)] }),
    ],
    ['the keyword as the name of an argument', { type: 'object', properties: { 'x-mcp-header': { type: 'object' } } }],
  ])('are valid: %s', (_, schema) => {
    expect(findMirrorProblem(schema)).toBeNull();
  });

  it.each<[string, object, string]>([
    ['no name', on(mirrored('')), 'not a header name'],
    ['a number as the name', on(mirrored(7)), 'not a header name'],
    ['a space in the name', on(mirrored('My Region')), 'not a header name'],
    ['a tab in the name', on(mirrored('Region\t1')), 'not a header name'],
    ['a colon in the name', on(mirrored('Region:1')), 'not a header name'],
    ['a letter outside of ASCII', on(mirrored('Région')), 'not a header name'],
    ['a fraction', on(mirrored('Region', 'number')), 'another type'],
    ['an object', on(mirrored('Region', 'object')), 'another type'],
    ['a list', on(mirrored('Region', 'array')), 'another type'],
    ['null', on(mirrored('Region', 'null')), 'another type'],
    ['no type', on({ 'x-mcp-header': 'Region' }), 'another type'],
    ['the same name twice', { properties: { a: mirrored('Same'), b: mirrored('sAME') } }, 'two arguments'],
    ['in a list', on({ type: 'array', items: mirrored('Region') }), 'in a list'],
    ['in an alternative', { anyOf: [on(mirrored('Region'))] }, 'an alternative'],
    ['in a definition', { type: 'object', $defs: { a: mirrored('Region') } }, 'an alternative'],
    ['on all arguments', { type: 'string', 'x-mcp-header': 'All' }, 'an alternative'],
  ])('are invalid: %s', (_, schema, problem) => {
    expect(findMirrorProblem(schema)).toContain(problem);
  });
});
