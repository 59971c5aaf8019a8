import { setTimeout as pause } from 'node:timers/promises';
import { formatTable, percentile } from '../figures.ts';
import { callTool } from '../mcp/rpc.ts';
import { calls } from './document.ts';

/** As long as an ordinary API takes. */
export const apiDelayMs = 100;
const callers = 50;
const rounds = Number(process.env.ARMATURE_BENCH_SLICES ?? 9);
const callsPerRound = 20;
const goalMs = 10;

export type Latency = { way: string; p50Ms: number; p95Ms: number };

/**
 * 50 callers, each with a credential of its own and a call under way all the time, to an API that takes 100 ms: what a
 * call takes through a Product MCP, through the bare server, and directly, in turns.
 */
export async function measureCallers(urls: { product: string; bare: string; api: string }): Promise<Latency[]> {
  const viaMcp = (url: string) => async (caller: number, turn: number) => {
    const [name = '', args = {}] = calls[turn % calls.length] ?? [];
    await callTool({ url, key: `credential-${caller}` }, name, args);
  };
  const ways = {
    'the API itself': async (caller: number) => {
      const headers = { authorization: `Bearer credential-${caller}` };
      await (await fetch(`${urls.api}/items?query=many&limit=10`, { headers })).text();
    },
    'bare server': viaMcp(urls.bare),
    'Product MCP': viaMcp(urls.product),
  };
  const times = new Map<string, number[]>(Object.keys(ways).map((way) => [way, []]));
  for (let round = -1; round < rounds; round += 1)
    for (const [way, call] of Object.entries(ways)) {
      const taken = await callAll(call);
      if (round >= 0) times.get(way)?.push(...taken);
    }
  const figures = [...times].map(([way, all]) => ({ way, p50Ms: percentile(all, 0.5), p95Ms: percentile(all, 0.95) }));
  const [direct] = figures;
  const added = figures.map(({ p95Ms }) => p95Ms - (direct?.p95Ms ?? 0));
  console.log(
    `\n${callers} callers at once, an API that takes ${apiDelayMs} ms, ${rounds * callers * callsPerRound} calls each way, in turns, in ms\n\n${formatTable(
      [
        ['', 'p50', 'p95', 'p95 added'],
        ...figures.map(({ way, p50Ms, p95Ms }, index) => [
          way,
          p50Ms.toFixed(1),
          p95Ms.toFixed(1),
          added[index]?.toFixed(1) ?? '',
        ]),
      ],
    )}`,
  );
  const ours = added[2] ?? 0;
  console.log(`\np95 added ${ours.toFixed(1)} ms, goal ≤ ${goalMs}: ${ours <= goalMs ? 'reached' : 'missed'}`);
  return figures;
}

async function callAll(call: (caller: number, turn: number) => Promise<void>): Promise<number[]> {
  const taken: number[] = [];
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      // Callers don't begin at the same moment.
      await pause((caller * apiDelayMs) / callers);
      for (let turn = 0; turn < callsPerRound; turn += 1) {
        const from = performance.now();
        await call(caller, turn);
        taken.push(performance.now() - from);
      }
    }),
  );
  return taken;
}
