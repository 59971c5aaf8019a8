import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { listTools, readDocument } from '../../domain/openapi/index.ts';
import { rules } from '../../domain/report/catalogue.ts';
import type { Evidence } from '../../domain/report/evidence.ts';
import { runRules } from '../../domain/report/rule.ts';
import { createMcpTargets } from '../../infra/mcp-target/index.ts';
import { createOutbound } from '../../infra/outbound/index.ts';
import { startConforming } from '../../tests/support/targets/conforming.ts';
import { formatTable, percentile } from '../figures.ts';
import { readCorpusFile } from '../openapi/corpus.ts';

const toolCount = 100;
const rounds = 60;
const warmUp = 20;
const goalMs = 50;

/** The work that the report is compared to: the same tools to JSON and back, this many times. */
const baselineTimes = 20;

/**
 * Measures what a report costs for 100 tools of a real API and the survey of a real server, in turns with a fixed
 * work, and which rules take most of it. Prints a table and writes it to bench/results/report.json.
 */
export async function benchReport(): Promise<void> {
  console.log(`Node ${process.version}, ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`);
  const json = JSON.stringify(await gather());
  const times: { report: number[]; baseline: number[] } = { report: [], baseline: [] };
  const byRule = new Map<string, number>();
  for (let round = 0; round < warmUp + rounds; round++) {
    // Every report has evidence of its own, as in production: nothing that an earlier one computed is left.
    const evidence = revive(json);
    const isKept = round >= warmUp;
    const report = measure(() => runRules(rules, evidence));
    const { tools } = evidence.catalog ?? { tools: [] };
    const baseline = measure(() => {
      for (let time = 0; time < baselineTimes; time++) JSON.parse(JSON.stringify(tools));
    });
    if (isKept) {
      times.report.push(report);
      times.baseline.push(baseline);
    }
    const fresh = revive(json);
    for (const rule of isKept ? rules : [])
      byRule.set(rule.id, (byRule.get(rule.id) ?? 0) + measure(() => runRules([rule], fresh)));
  }
  print({ times, byRule, bytes: json.length });
}

function print(of: { times: { report: number[]; baseline: number[] }; byRule: Map<string, number>; bytes: number }) {
  const { times, byRule, bytes } = of;
  const median = { report: percentile(times.report, 0.5), baseline: percentile(times.baseline, 0.5) };
  const ratio = median.report / median.baseline;
  const largest = [...byRule].sort(([, one], [, other]) => other - one).slice(0, 8);
  console.log(
    formatTable([
      ['CPU', 'median', 'p95'],
      ...Object.entries(times).map(([name, values]) => [
        name,
        `${percentile(values, 0.5).toFixed(1)} ms`,
        `${percentile(values, 0.95).toFixed(1)} ms`,
      ]),
    ]),
  );
  console.log(`\n${toolCount} tools, ${Math.round(bytes / 1024)} KiB of evidence, ${rules.length} rules.`);
  console.log(`A report takes ${ratio.toFixed(2)} times the fixed work (goal: ${goalMs} ms).\n`);
  console.log(formatTable([['rule', 'ms'], ...largest.map(([id, ms]) => [id, (ms / rounds).toFixed(2)])]));
  const folder = join(import.meta.dirname, '../results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify({ median, ratio, toolCount, bytes }, null, 2)}\n`);
  if (median.report > goalMs) process.exitCode = 1;
}

/** Workflows offer the tools of the catalog, the very same. */
function revive(json: string): Evidence {
  const evidence: Evidence = JSON.parse(json);
  return { ...evidence, workflows: [{ name: 'All tools', tools: evidence.catalog?.tools ?? [] }] };
}

/** In milliseconds of CPU: what else the machine does doesn't count. */
function measure(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** The tools of middle size of OpenAI's API, and the survey of a server that speaks both eras. */
async function gather(): Promise<Evidence> {
  const read = readDocument(readCorpusFile(join(import.meta.dirname, '../openapi/openai.json.gz')));
  if ('refusal' in read) throw new Error(read.refusal.message);
  const bySize = listTools(read.document)
    .tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }))
    .sort((one, other) => JSON.stringify(one).length - JSON.stringify(other).length);
  const first = Math.round((bySize.length - toolCount) / 2);
  const tools = bySize.slice(first, first + toolCount);
  const server = await startConforming({ tools });
  const outbound = createOutbound({ allowedTargets: 'any' });
  try {
    const targets = createMcpTargets({ outbound });
    const endpoint = {
      transport: 'streamable_http' as const,
      url: server.url,
      headers: {},
      auth: { kind: 'none' as const },
    };
    const { signal } = new AbortController();
    const probe = await targets.probe(endpoint, { signal });
    if (!probe.ok) throw new Error(probe.failure.message);
    return {
      url: server.url,
      transport: 'streamable_http',
      credentials: 'none',
      survey: await targets.survey(endpoint, { signal, mayTryTokens: async () => true }),
      withoutSurvey: '',
      catalog: { ...probe.catalog, tools: probe.tools },
      answers: [],
      misuse: [],
      others: [{ server: 'Other', tools: tools.map(({ name }) => `other_${name}`) }],
      workflows: [],
      changes: [],
    };
  } finally {
    await outbound.close();
    await server.close();
  }
}
