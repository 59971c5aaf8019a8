/** `npm run chaos`: kills the processes of an installation while it works, and counts what breaks (bench/README.md). */
import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { startTemporalOnPostgres } from '../../scripts/temporal/on-postgres.ts';
import type { StartTemporal } from '../../tests/faults/stack.ts';
import { formatTable } from '../figures.ts';
import { runChaos } from './chaos.ts';

const count = z.coerce.number().int().min(1);
const kills = count.default(100).parse(process.env.ARMATURE_CHAOS_KILLS);
const seed = count.default(randomInt(1, 1_000_000)).parse(process.env.ARMATURE_CHAOS_SEED);
const temporal = z.enum(['dev', 'postgres']).default('dev').parse(process.env.ARMATURE_CHAOS_TEMPORAL);
const maxLines = 20;

const enough = new AbortController();
// The first Ctrl-C ends the kills, the second one everything.
process.on('SIGINT', () => {
  if (enough.signal.aborted) process.exit(130);
  console.log('No more kills. Press Ctrl-C again to end without a count.');
  enough.abort();
});
process.once('SIGTERM', () => process.exit(143));

/** Temporal's server, on the Postgres that is killed too. */
function onPostgres(): StartTemporal {
  let ports: readonly number[] | undefined;
  return async ({ postgres, log }) => {
    const server = await startTemporalOnPostgres({ postgresUrl: postgres.url, log, ...(ports && { ports }) });
    ({ ports } = server);
    return server;
  };
}

const title = `${kills} kills, seed ${seed}, ${temporal === 'dev' ? "Temporal's development server" : 'Temporal on Postgres'}`;
console.log(`${title} (ARMATURE_CHAOS_SEED repeats the same kills)`);
const { signal } = enough;
const promises = await runChaos({
  kills,
  seed,
  signal,
  ...(temporal === 'postgres' && { startTemporal: onPostgres() }),
});
console.log(
  `\n${formatTable([['must be 0', 'number'], ...promises.map(({ name, broken }) => [name, String(broken.length)])])}`,
);
for (const { name, broken } of promises) {
  if (broken.length === 0) continue;
  console.log(`\n${name}:`);
  for (const line of broken.slice(0, maxLines)) console.log(`  ${line}`);
  if (broken.length > maxLines) console.log(`  and ${broken.length - maxLines} more`);
  process.exitCode = 1;
}
console.log(`\n${title}: ${process.exitCode === 1 ? 'a promise was broken' : 'every promise was kept'}`);
// Connections of the servers that were killed keep the process up for a while.
process.exit();
