import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { root } from '../../api/rest/mount.ts';
import { formatTable, percentile } from '../figures.ts';
import { rpc, type Target } from '../mcp/rpc.ts';
import { writeLargeDocument } from './document.ts';

const corpus = 'bench/openapi/node_modules/@octokit/openapi/generated/api.github.com.json';
const goals = { seconds: 15, megabytes: 600 };
const probeEveryMs = 20;
const calmMs = 5000;

type Options = {
  /** The api process, and a key of an admin. */
  url: string;
  key: string;
  pid: number;
  /** A Product MCP of the same process, which others call meanwhile. */
  other: Target;
  baseUrl: string;
};

type Probed = { request: string; count: number; p50Ms: number; p95Ms: number; maxMs: number };

export type LargeDocument = {
  document: string;
  megabytes: number;
  steps: { step: string; seconds: number; others: Probed[] }[];
  peakMegabytes: number;
  addedMegabytes: number;
};

/** Uploads, activates and lists a document of 13 MB by the REST API, while others ask the same process. */
export async function measureLargeDocument({ url, key, pid, other, baseUrl }: Options): Promise<LargeDocument> {
  const isReal = existsSync(corpus);
  const text = isReal ? readFileSync(corpus, 'utf8') : writeLargeDocument(13_000_000);
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${url}${root}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${answer.slice(0, 500)}`);
    return JSON.parse(answer);
  };
  const probes: { [request: string]: () => Promise<unknown> } = {
    'GET /healthz': () => fetch(`${url}/healthz`).then((response) => response.text()),
    'GET /product-mcps': () => ask('GET', '/product-mcps'),
    'call of another Product MCP': () => rpc(other, 'tools/call', { name: 'getItem', arguments: { id: 'a' } }),
  };
  const slug = `large-${Date.now().toString(36)}`;
  const created = await ask('POST', '/product-mcps', { name: 'Large', slug, baseUrl });
  const product = z.looseObject({ id: z.string(), url: z.string() }).parse(created);
  const at = `/product-mcps/${product.id}`;
  await ask('POST', `${at}/connection`, { connection: { check: { kind: 'presence_only' } } });

  const memory = watchMemory(pid);
  const steps: LargeDocument['steps'] = [];
  const measure = async <T>(step: string, work: Promise<T>): Promise<T> => {
    const from = performance.now();
    const ended = work.then((value) => ({ value, seconds: (performance.now() - from) / 1000 }));
    const others = await probe(probes, ended);
    const { value, seconds } = await ended;
    steps.push({ step, seconds, others });
    return value;
  };
  await measure('before', pause(calmMs));
  const calmMegabytes = memory.peak();
  const uploaded = await measure(
    'parsed and reported',
    ask('POST', `${at}/documents`, { source: { kind: 'text', text } }),
  );
  const { document } = z.looseObject({ document: z.looseObject({ id: z.string() }) }).parse(uploaded);
  await measure('made active', ask('POST', `${at}/documents/${document.id}/activate`, {}));
  await ask('POST', `${at}/state`, { state: 'active' });
  await measure(
    'published',
    rpc({ url: `${url}${new URL(product.url).pathname}`, key: 'credential-1' }, 'tools/list', {}),
  );
  await measure('after', pause(calmMs));
  memory.stop();
  const figures: LargeDocument = {
    document: isReal ? 'GitHub’s' : 'generated',
    megabytes: Buffer.byteLength(text) / 1e6,
    steps,
    peakMegabytes: memory.peak(),
    addedMegabytes: memory.peak() - calmMegabytes,
  };
  print(figures);
  return figures;
}

/** Sends requests one after the other until something has ended, and times each. */
async function probe(
  probes: { [request: string]: () => Promise<unknown> },
  until: Promise<unknown>,
): Promise<Probed[]> {
  let isOver = false;
  const over = until.finally(() => {
    isOver = true;
  });
  const rows = Object.entries(probes).map(async ([request, send]) => {
    const times: number[] = [];
    while (!isOver) {
      const from = performance.now();
      await send();
      times.push(performance.now() - from);
      await pause(probeEveryMs);
    }
    return {
      request,
      count: times.length,
      p50Ms: percentile(times, 0.5),
      p95Ms: percentile(times, 0.95),
      maxMs: Math.max(...times),
    };
  });
  const [measured] = await Promise.all([Promise.all(rows), over]);
  return measured;
}

/** The largest resident memory of a process since it is watched. Linux only. */
function watchMemory(pid: number) {
  const read = () => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  let peak = read();
  const timer = setInterval(() => {
    peak = Math.max(peak, read());
  }, 20);
  return { peak: () => peak, stop: () => clearInterval(timer) };
}

function print({ document, megabytes, steps, peakMegabytes, addedMegabytes }: LargeDocument): void {
  console.log(`\nA document of ${megabytes.toFixed(1)} MB (${document}), and what others wait meanwhile, in ms\n`);
  console.log(
    formatTable([
      ['', 'request', 'count', 'p50', 'p95', 'max'],
      ...steps.flatMap(({ step, seconds, others }) =>
        others.map(({ request, count, ...ms }, index) => [
          index === 0 ? `${step}, ${seconds.toFixed(1)} s` : '',
          request,
          String(count),
          ms.p50Ms.toFixed(1),
          ms.p95Ms.toFixed(1),
          ms.maxMs.toFixed(1),
        ]),
      ),
    ]),
  );
  const total = steps.slice(1, -1).reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(
    `\n${total.toFixed(1)} s, goal ≤ ${goals.seconds}: ${total <= goals.seconds ? 'reached' : 'missed'}; ${addedMegabytes.toFixed(0)} MB more than before, goal ≤ ${goals.megabytes}: ${addedMegabytes <= goals.megabytes ? 'reached' : 'missed'} (the api had ${peakMegabytes.toFixed(0)} MB at most)`,
  );
}
