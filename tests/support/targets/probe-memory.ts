/**
 * Probes the servers at the two URLs that are its arguments, and reports by how many MB the maximum of its resident
 * memory has grown by the second: a process of its own, because garbage of other tests would count.
 */
import { createMcpTargets } from '../../../infra/mcp-target/index.ts';
import { createOutbound } from '../../../infra/outbound/index.ts';

const [usual = '', examined = ''] = process.argv.slice(2);
const outbound = createOutbound({ allowedTargets: ['127.0.0.0/8'] });
const targets = createMcpTargets({ outbound });
/** @returns the maximum of resident memory so far, in MB */
async function probe(url: string): Promise<number> {
  const endpoint = { transport: 'streamable_http', url, headers: {}, auth: { kind: 'none' } } as const;
  const result = await targets.probe(endpoint, { signal: new AbortController().signal });
  if (!result.ok) throw new Error(result.failure.message);
  return process.resourceUsage().maxRSS / 1000;
}
// What a first connection loads doesn't belong to the catalog.
const before = await probe(usual);
process.send?.((await probe(examined)) - before);
await outbound.close();
