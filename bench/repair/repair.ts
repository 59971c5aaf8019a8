import { mkdirSync, writeFileSync } from 'node:fs';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import pLimit from 'p-limit';
import { createApiKey } from '../../services/api-key/create.ts';
import { startStack } from '../../tests/faults/stack.ts';
import { drive, type OpenSubject } from './drive.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults/index.ts';
import { judge } from './judge.ts';
import { type Finding, report } from './report.ts';
import { openInWorkspace } from './workspace.ts';

const atOnce = Number(process.env.ARMATURE_BENCH_AT_ONCE ?? 6);
const wanted = process.env.ARMATURE_BENCH_FAULTS ?? '';

/**
 * Has each fault happen on real processes, and an agent without a model diagnose, repair and pin it by the MCP tools
 * alone. Prints a report and writes it to bench/results/repair.json.
 */
export async function benchRepair(): Promise<void> {
  console.log('Starting Postgres, Temporal, worker and api …');
  const stack = await startStack({ ARMATURE_KEY_REQUESTS_PER_MINUTE: '1000000' });
  try {
    stack.startWorker();
    const api = await stack.startApi();
    const { key } = await createApiKey(stack.ctx, { name: 'Agent', role: 'editor' });
    const client = new Client({ name: 'repair-bench', version: '1.0.0' });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${api.url}/api/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${key}` } },
      }),
    );
    const limit = pLimit(atOnce);
    const chosen = faults.filter(({ name }) => name.includes(wanted));
    const startedAt = performance.now();
    const open = openInWorkspace({ ctx: stack.ctx, client, probing: pLimit(2) });
    const findings = await Promise.all(chosen.map((fault) => limit(() => find(fault, open))));
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    await client.close();
    const { text, isReached, figures } = report(findings);
    console.log(`\n${findings.length} faults in ${seconds} s, ${atOnce} at once\n\n${text}`);
    mkdirSync('bench/results', { recursive: true });
    writeFileSync(
      'bench/results/repair.json',
      `${JSON.stringify({ at: new Date().toISOString(), seconds, figures, findings }, null, 2)}\n`,
    );
    if (!isReached) process.exitCode = 1;
  } finally {
    await stack.close();
  }
}

async function find(fault: Fault, open: OpenSubject): Promise<Finding> {
  try {
    const outcome = await drive(fault, open);
    return { fault: fault.name, judgment: judge(fault, outcome), spent: outcome.repair.spent };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { fault: fault.name, problem: problem.slice(0, 2000) };
  }
}
