/** Several example servers in one process: `node bench/shops.ts <how many>` prints their addresses as a JSON list. */
import { startShopServer } from '../examples/shop-server/index.ts';

const servers = await Promise.all(Array.from({ length: Number(process.argv[2] ?? 1) }, () => startShopServer({})));
process.stdout.write(`${JSON.stringify(servers.map(({ url }) => url))}\n`);
