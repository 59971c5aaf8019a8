import { expect, it } from 'vitest';
import { type Selection, selectOperations } from './selection.ts';

const operations = [
  { operation: 'GET /orders', tags: ['orders'] },
  { operation: 'POST /orders', tags: ['orders', 'admin'] },
  { operation: 'GET /orders/{id}/lines', tags: [] },
  { operation: 'DELETE /users/{id}', tags: ['admin'] },
];

it.each<[Selection, number[]]>([
  [{ kind: 'all' }, [0, 1, 2, 3]],
  [{ kind: 'tags', tags: ['admin'] }, [1, 3]],
  [{ kind: 'patterns', patterns: ['GET *'] }, [0, 2]],
  [{ kind: 'patterns', patterns: ['* /orders*', 'DELETE /users/{id}'] }, [0, 1, 2, 3]],
  [{ kind: 'patterns', patterns: ['*/orders*lines'] }, [2]],
  [{ kind: 'patterns', patterns: ['GET /orders'] }, [0]],
  [{ kind: 'patterns', patterns: ['GET /orders*orders'] }, []],
  [{ kind: 'patterns', patterns: ['*'.repeat(200)] }, [0, 1, 2, 3]],
  [{ kind: 'operations', operations: ['GET /orders', 'PUT /gone'] }, [0]],
])('%j', (selection, expected) => {
  expect(selectOperations(operations, selection)).toEqual(expected.map((index) => operations[index]));
});
