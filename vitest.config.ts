import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/build/**', '**/.armature/**'];
const slow = '**/*.slow.test.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    // Every file of the second project has Postgres and Temporal to share: more of them at once only makes each slower.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{domain,agent,examples,scripts}/**/*.test.ts', 'infra/**/*.test.ts'],
          exclude: [...exclude, slow, 'infra/{db,secrets,temporal,auth}/**'],
          setupFiles: ['tests/support/setup/console.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          include: [
            '{services,tests,workflows,activities,api,web,worker,cli,bench}/**/*.test.{ts,tsx}',
            'infra/{db,secrets,temporal,auth}/**/*.test.ts',
          ],
          exclude: [...exclude, slow],
          // As deployed: React's development build renders pages several times slower.
          env: { NODE_ENV: 'production' },
          globalSetup: ['tests/support/setup/global.ts'],
          setupFiles: ['tests/support/setup/console.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        // What takes too long for every change: `npm run test:slow`.
        test: {
          name: 'slow',
          include: [slow],
          exclude,
          globalSetup: ['tests/support/setup/global.ts'],
          setupFiles: ['tests/support/setup/console.ts'],
          testTimeout: 600_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
