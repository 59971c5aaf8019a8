import { routes } from '../../api/rest/registry.ts';

/** cli/client/operations.ts: where the command finds each operation of the REST API. */
export function renderClient(): string {
  const rows = [...routes]
    .sort((a, b) => (a.operationId < b.operationId ? -1 : 1))
    .map(({ operationId, method, path }) => `  ${operationId}: ['${method}', '${path}'],`);
  return [
    '/** Every operation of the REST API: its method and path. Made from its registry by `npm run docs`. */',
    'export const operations = {',
    ...rows,
    '} as const;',
    '',
  ].join('\n');
}
