import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const exclude = ['**/node_modules/**', '**/build/**', '**/.armature/**'];
const slow = '**/*.slow.test.ts';
// What a test waits for comes when the machine has time for it: the limit is for what never comes.
const expect = { poll: { timeout: 60_000, interval: 50 } };

export default defineConfig({
  test: {
    pool: 'forks',
    // Tests wait for other processes much of their time. The connections of the run's Postgres are enough for eight.
    maxWorkers: Math.min(availableParallelism() + 1, 8),
    // A process runs many files: loading Prisma, Temporal and the SDKs anew takes a second each time.
    isolate: false,
    projects: [
      {
        test: {
          name: 'unit',
          expect,
          include: ['{domain,agent,cli,examples,scripts}/**/*.test.ts', 'infra/**/*.test.ts'],
          exclude: [...exclude, slow, 'infra/{db,secrets,temporal,auth}/**'],
          setupFiles: ['tests/support/setup/console.ts'],
          // Properties over hundreds of cases take seconds on a busy machine.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          expect,
          include: [
            '{services,tests,workflows,activities,api,web,worker,bench}/**/*.test.{ts,tsx}',
            'infra/{db,secrets,temporal,auth}/**/*.test.ts',
          ],
          exclude: [...exclude, slow],
          // As deployed: React's development build renders pages several times slower.
          env: { NODE_ENV: 'production' },
          globalSetup: ['tests/support/setup/global.ts'],
          setupFiles: ['tests/support/setup/console.ts'],
          // The first browser test of a process may have to build the dashboard.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // What takes too long for every change: `npm run test:slow`.
        test: {
          name: 'slow',
          expect,
          // Isolated, because one file measures its heap.
          isolate: true,
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
