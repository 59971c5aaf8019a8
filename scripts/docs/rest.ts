import { routes } from '../../api/rest/registry.ts';
import type { Route } from '../../api/rest/route.ts';

/** The table of docs/rest-api.md: every operation of the REST API. */
export function renderOperations(): string {
  const rows = routes.map(
    ({ method, path, operationId, useCase, summary }: Route) =>
      `| \`${method} ${path}\` | \`${operationId}\` | ${useCase.access} | ${summary} |`,
  );
  return [
    '| method and path | operation | lowest role | what it does |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
