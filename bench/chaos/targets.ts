import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { createRandom } from '../../tests/support/random.ts';
import { type Scripted, startScripted } from '../../tests/support/targets/scripted.ts';
import { isIn, type Plan } from './plan.ts';

/** The servers under test. They survive, so what they received is what was sent. */
export type Targets = {
  /** Of the runs: it logs every call. */
  shop: ShopServer;
  /** Of the monitors: their tools are `read_0`, `read_1` and so on. */
  watched: Scripted[];
  /** Makes fail what the plan says of this kill. */
  follow(kill: number): void;
  /** Lets everything work again. */
  heal(): void;
  close(): Promise<void>;
};

/** Milliseconds: long enough for a kill to fall into a call. */
const shopLatency = { create_order: 400, refund_order: 300, check_stock: 150, list_orders: 80 };
const maxToolLatencyMs = 2500;

export async function startTargets(plan: Plan, seed: number): Promise<Targets> {
  const shop = await startShopServer();
  shop.control.set({ slow: shopLatency });
  const next = createRandom(seed);
  let kill = -1;
  const watched = await Promise.all(
    plan.serverPhases.map((serverPhase, server) => {
      const latencies = plan.toolPhases[server]?.map(() => next() ** 2 * maxToolLatencyMs) ?? [];
      return startScripted({
        'tools/call': ({ params, id }, response) => {
          const tool = Number(String(params?.name).split('_')[1]);
          setTimeout(() => {
            if (isIn(serverPhase, kill)) {
              response.writeHead(503).end('Not now.');
              return;
            }
            const isError = isIn(plan.toolPhases[server]?.[tool] ?? null, kill);
            const text = isError ? 'No luck today.' : 'done';
            const result = { content: [{ type: 'text', text }], ...(isError && { isError }) };
            response.writeHead(200, { 'content-type': 'application/json' });
            response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
          }, latencies[tool] ?? 0);
          return undefined;
        },
      });
    }),
  );
  const follow = (to: number) => {
    kill = to;
    shop.control.set({ fail: isIn(plan.statusPhase, kill) ? { get_shop_status: 'The shop is closed today.' } : {} });
  };
  return {
    shop,
    watched,
    follow,
    heal: () => follow(Number.POSITIVE_INFINITY),
    async close() {
      await Promise.all([shop.close(), ...watched.map((server) => server.close())]);
    },
  };
}
