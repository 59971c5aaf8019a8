import { describe, expect, it } from 'vitest';
import { variableProblems } from './variables.ts';

const files = new Map([
  ['infra/config/index.ts', 'const environment = z.object({\n  TEMPORAL_ADDRESS: z.string(),\n});'],
  ['scripts/start.ts', "readPort('ARMATURE_EXAMPLE_PORT', 3900); join(env.XDG_CACHE_HOME ?? process.env.HOME);"],
  ['docker-compose.yml', `DATABASE_URL: postgresql://\${POSTGRES_PASSWORD:?}`],
]);
const all = ['ARMATURE_EXAMPLE_PORT', 'POSTGRES_PASSWORD', 'TEMPORAL_ADDRESS', 'XDG_CACHE_HOME'];
const table = (names: string[]) => ['| variable | meaning |', ...names.map((name) => `| \`${name}\` | … |`)].join('\n');

describe('variableProblems', () => {
  it('accepts a row for each variable, or for several', () => {
    expect(variableProblems(files, table(all))).toEqual([]);
    expect(variableProblems(files, table([all.join('`, `')]))).toEqual([]);
  });

  it.each(all)('reports %s when it is not described, whatever reads it', (name) => {
    const documentation = `${table(all.filter((other) => other !== name))}\nText that mentions \`${name}\`.`;
    expect(variableProblems(files, documentation)).toEqual([
      expect.stringMatching(`^${name} \\(.*\\) is not described`),
    ]);
  });

  it('reports variables that are described twice, or that nothing reads', () => {
    expect(variableProblems(files, table([...all, 'XDG_CACHE_HOME', 'OLD_NAME']))).toEqual([
      'OLD_NAME is described, but nothing reads it.',
      'XDG_CACHE_HOME is described 2 times.',
    ]);
  });
});
