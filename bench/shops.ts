/** `node bench/shops.ts <count>`: starts example servers in one process and prints their addresses as a JSON array. */
import { startShopServer } from '../examples/shop-server/index.ts';

const servers = await Promise.all(Array.from({ length: Number(process.argv[2] ?? 1) }, () => startShopServer({})));
process.stdout.write(`${JSON.stringify(servers.map(({ url }) => url))}\n`);
