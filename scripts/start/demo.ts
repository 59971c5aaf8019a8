import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isTerminal, runStatuses } from '../../domain/run/run.ts';
import type { Config } from '../../infra/config/index.ts';
import { createLogger } from '../../infra/logger/index.ts';
import { signUp } from '../../services/account/sign-up.ts';
import { createApiKey } from '../../services/api-key/create.ts';
import type { Context, Deps } from '../../services/context/context.ts';
import { createDeps } from '../../services/context/deps.ts';
import { checkMonitorsNow } from '../../services/monitor/check-now.ts';
import { createMonitors } from '../../services/monitor/create.ts';
import { getMonitor } from '../../services/monitor/reading/get.ts';
import type { CheckView, MonitorView } from '../../services/monitor/reading/view.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { getRun } from '../../services/run/reading/get.ts';
import { connectServer } from '../../services/server/connect.ts';
import { createWorkflow } from '../../services/workflow/create.ts';

const credentials = z.object({ url: z.string(), email: z.string(), password: z.string(), apiKey: z.string() });
type Step = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/**
 * On the first start makes a workspace to look at: an owner, the example server, a scheduled workflow and one run of
 * it, monitors and one check of each. `credentials.json` is written last, so a first start that was cut off is told
 * apart from a finished one.
 */
export async function firstStart(options: {
  home: string;
  config: Config;
  url: string;
  exampleUrl: string;
  step: Step;
  /** Whether to wait for the first run and checks, and return what came out. */
  waitForResults: boolean;
}): Promise<{ signIn: string; lines: string[] }> {
  const { home, config, url, exampleUrl, step, waitForResults } = options;
  const file = join(home, 'credentials.json');
  const describe = (email: string) => `${email}, password in ${file}`;
  if (existsSync(file))
    return { signIn: describe(credentials.parse(JSON.parse(readFileSync(file, 'utf8'))).email), lines: [] };

  const log = createLogger({ level: 'warn', process: 'start' });
  const deps = createDeps(config, log);
  try {
    if ((await deps.db.user.count()) > 0) return { signIn: 'with your own account', lines: [] };
    // Hexadecimal, so that it can't contain a name by chance.
    const owner = { email: 'demo@armature.local', password: randomBytes(12).toString('hex') };
    const ctx = await step('Demo workspace made', async () => {
      const { userId, orgId } = await signUp(
        { deps, actor: { kind: 'visitor', id: 'first-start' }, requestId: 'first-start' },
        {
          ...owner,
          name: 'Demo owner',
          organizationName: 'Demo',
        },
      );
      return {
        deps,
        actor: { kind: 'member', id: userId, orgId, role: 'owner' },
        requestId: 'first-start',
      } satisfies Context;
    });
    const serverId = await connectExample(ctx, exampleUrl);
    const runId = await makeWorkflow(ctx, serverId);
    const monitors = await makeMonitors(ctx, serverId);
    const lines = waitForResults
      ? await step('First run and first checks carried out', async () => [
          ...(await outcome(ctx, runId, url, deps)),
          ...(await checked(ctx, monitors)),
        ])
      : [];
    const { key } = await createApiKey(ctx, { name: 'Made by npm start' });
    const content = { url, ...owner, apiKey: key };
    writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    return { signIn: describe(owner.email), lines };
  } finally {
    await deps.close();
  }
}

async function connectExample(ctx: Context, exampleUrl: string): Promise<string> {
  const { serverId, probe } = await connectServer(ctx, {
    name: 'Example shop',
    transport: 'streamable_http',
    url: exampleUrl,
    auth: { kind: 'none' },
  });
  if (serverId === null) throw new Error(probe.ok ? 'The example server was not saved.' : probe.failure.message);
  return serverId;
}

async function makeWorkflow(ctx: Context, serverId: string): Promise<string> {
  const { workflow } = await createWorkflow(ctx, {
    definition: {
      name: 'Order a product and look it up',
      description: 'Searches the catalogue, checks stock, orders one and reads the order back.',
      serverId,
      testerModels: ['builtin/scripted'],
      judgeModel: 'builtin/assertions',
      prompt: [
        'Order a mug for a customer and make sure that the order can be found again.',
        'call search_products {"query": "mug"}',
        'call check_stock {"sku": "$1.products.0.sku"}',
        'call create_order {"sku": "$1.products.0.sku", "quantity": 1, "reference": "{{run.short_id}}"}',
        'call get_order {"order_id": "$3.order_id"}',
      ].join('\n'),
      criteria: [
        { text: 'calls `search_products` before `create_order`', isRequired: true },
        { text: 'calls `create_order` exactly once', isRequired: true },
        { text: 'no tool call fails', isRequired: true },
        { text: '`get_order` result field `status` equals "confirmed"', isRequired: true },
        { text: 'finishes within 30 s', isRequired: false },
      ],
      schedule: '*/15 * * * *',
      toolPolicy: { allowedTools: [], blockedTools: ['refund_order'] },
    },
  });
  const { runs } = await dispatchRun(ctx, {
    workflowId: workflow.id,
    reason: 'First start',
    idempotencyKey: 'first-start',
  });
  const [run] = runs;
  if (!run) throw new Error('The first run was not dispatched.');
  return run.runId;
}

const firstKey = 'first-start';

async function makeMonitors(ctx: Context, serverId: string): Promise<MonitorView[]> {
  const { monitors } = await createMonitors(ctx, {
    serverId,
    intervalSeconds: 60,
    monitors: [
      { tool: 'search_products', name: 'Catalogue answers', degradedAboveMs: 2000 },
      {
        tool: 'get_product',
        name: 'Mug has a price',
        arguments: { sku: 'MUG-001' },
        assertions: ['`get_product` result field `price_cents` exists'],
      },
      { tool: 'check_stock', name: 'Mug is in stock', arguments: { sku: 'MUG-001' } },
    ],
  });
  await checkMonitorsNow(ctx, { monitorIds: monitors.map(({ id }) => id), key: firstKey });
  return monitors;
}

async function checked(ctx: Context, monitors: readonly MonitorView[]): Promise<string[]> {
  const deadline = Date.now() + 30_000;
  const first = async ({ id }: MonitorView): Promise<CheckView | null> => {
    for (;;) {
      const { checks } = await getMonitor(ctx, { monitorId: id });
      const found = checks.find(({ key }) => key === firstKey);
      if (found || Date.now() > deadline) return found ?? null;
      await new Promise((resume) => setTimeout(resume, 100));
    }
  };
  const found = await Promise.all(monitors.map(first));
  return [
    '',
    '  First checks',
    ...monitors.map(({ name, tool }, index) => {
      const check = found[index];
      const outcome = check ? check.outcome : 'not yet';
      const latency = check && check.latencyMs !== null ? `${check.latencyMs} ms` : '';
      return `    ${outcome.padEnd(8)} ${name} (${tool}) ${latency}`.trimEnd();
    }),
  ];
}

async function outcome(ctx: Context, runId: string, url: string, deps: Deps): Promise<string[]> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { run, results } = await getRun(ctx, { runId });
    const status = z.enum(runStatuses).parse(run.status);
    if (isTerminal(status) || Date.now() > deadline) {
      const org = await deps.db.organization.findFirstOrThrow({ select: { slug: true } });
      return [
        '',
        `  First run     ${status}${run.errorMessage ? `: ${run.errorMessage}` : ''}  ${url}/o/${org.slug}/runs/${runId}`,
        ...results.map(({ verdict, text }) => `    ${verdict.padEnd(7)} ${text}`),
      ];
    }
    await new Promise((resume) => setTimeout(resume, 100));
  }
}
