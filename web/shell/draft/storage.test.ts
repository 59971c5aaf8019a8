import { describe, expect, it } from 'vitest';
import { countChanges } from './storage.ts';

describe('the unsaved changes of a form', () => {
  it.each([
    ['none', { name: ['a'] }, { name: ['a'] }, 0],
    ['a field', { name: ['a'], prompt: ['p'] }, { name: ['b'], prompt: ['p'] }, 1],
    ['a box that was ticked', {}, { store: ['on'] }, 1],
    ['another order', { tool: ['a', 'b'] }, { tool: ['b', 'a'] }, 1],
    ['a group', { 'row.id': ['1'], 'row.text': ['a'] }, { 'row.id': ['1', ''], 'row.text': ['a', 'b'] }, 1],
  ])('%s', (_, before, now, count) => expect(countChanges(before, now)).toBe(count));
});
