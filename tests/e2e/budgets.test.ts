import { readdir, readFile } from 'node:fs/promises';
import { Client } from 'pg';
import type { BrowserContext } from 'playwright-core';
import { describe, expect } from 'vitest';
import { buildDashboard } from '../../scripts/build.ts';
import { fillPath, listPaths, signInOwner } from '../contract/registry/paths.ts';
import { makeWorld, type World } from '../contract/registry/world.ts';
import type { TestApp } from '../support/browser/app.ts';
import { it } from '../support/browser/test.ts';

/** What a page may cost when nothing of it is cached. Bytes as they are sent, compressed. */
type Cost = { js: number; html: number; requests: number; shift: number };
const budget: Cost = { js: 130_000, html: 15_000, requests: 12, shift: 0.02 };

/** What is this far within the budget stays there, whatever the ids and times of a run. */
const settled = 0.9;

/** What is over the budget so far. It may only shrink; what has come into the budget leaves the list. */
const known: { [path: string]: Partial<Cost> } = {
  '/o/:org': { html: 15_300 },
  '/dev/ui': { js: 132_000 },
  '/o/:org/servers/:serverId': { js: 131_000 },
  '/o/:org/workflows/new': { js: 132_000 },
  '/o/:org/workflows/:workflowId': { js: 132_000, requests: 13, shift: 0.12 },
  '/o/:org/workflows/:workflowId/edit': { js: 134_000 },
  '/o/:org/workflows/:workflowId/versions': { requests: 13 },
  '/o/:org/workflows/:workflowId/versions/:versionId': { requests: 13 },
  '/o/:org/monitors/new': { js: 132_000 },
  '/o/:org/monitors/:monitorId': { js: 131_000 },
  '/o/:org/monitors/:monitorId/edit': { js: 133_000 },
  '/o/:org/alerts/rules/new': { js: 131_000 },
  '/o/:org/alerts/rules/:ruleId/edit': { js: 131_000 },
  '/o/:org/runs/:runId': { js: 132_000, shift: 0.04 },
};

/** Not the page's: the stream and what is loaded again for it, and what the browser itself asks for. */
const isApart = (url: string): boolean => /\/live(\?|$)|\.data(\?|$)|\/icon[^/]*\.svg$|\/favicon/.test(url);

/** Pages of a sign-in that has not begun: they say so, with an error status. */
const unfinished = /\/sign-in\/provider\/callback$|\/connect\/x(\/allow)?$/;

/** Full lists, and a run with a long trace. As the owner of the tables, whom the guards of ended runs let pass. */
async function multiply({ database }: TestApp, { org: { orgId }, endedRunId }: World): Promise<void> {
  const owner = new Client({ connectionString: database.ownerUrl });
  await owner.connect();
  try {
    for (const [sql, values] of listStatements({ orgId, endedRunId })) await owner.query(sql, values);
  } finally {
    await owner.end();
  }
}

/** Copies of one row: table, how many, what differs in the copy `n`. */
const copies: [table: string, times: number, changes: string][] = [
  ['Server', 30, `'name', 'Server ' || n`],
  ['Workflow', 60, `'name', 'Workflow ' || n, 'slug', 'workflow-' || n`],
  ['Run', 100, `'createdAt', now() - n * interval '1 hour'`],
  ['Monitor', 60, `'name', 'Monitor ' || n, 'slug', 'monitor-' || n, 'argumentsKey', 'key ' || n`],
  ['Incident', 60, `'closedAt', now(), 'closeReason', 'recovered'`],
  ['Delivery', 60, `'ordinal', 1000 + n`],
  ['Proposal', 60, `'createdAt', now() - n * interval '1 minute'`],
  ['AlertRule', 30, `'name', 'Rule ' || n`],
];

const listStatements = ({ orgId, endedRunId }: { orgId: string; endedRunId: string }): [string, string[]][] => [
  ...copies.map(([table, times, changes]): [string, string[]] => [
    `INSERT INTO "${table}"
     SELECT (jsonb_populate_record(original.row, jsonb_build_object('id', gen_random_uuid(), ${changes}))).*
     FROM (SELECT t AS row FROM "${table}" AS t WHERE "orgId" = $1 ORDER BY "id" LIMIT 1) AS original, generate_series(1, ${times}) AS n`,
    [orgId],
  ]),
  [
    `INSERT INTO "MonitorHealth" ("orgId", "monitorId", "outcome", "latencyMs", "checkedAt", "since")
     SELECT "orgId", "id", 'pass', 12, now(), now() FROM "Monitor" WHERE "orgId" = $1 ON CONFLICT DO NOTHING`,
    [orgId],
  ],
  [
    `INSERT INTO "CatalogTool" ("orgId", "serverId", "name", "description", "inputSchema", "firstSeenAt", "lastSeenAt")
     SELECT "orgId", "serverId", 'tool_' || n, 'Does what a tool with the number ' || n || ' does.', "inputSchema", now(), now()
     FROM "CatalogTool", generate_series(1, 40) AS n WHERE "orgId" = $1`,
    [orgId],
  ],
  [
    `INSERT INTO "ToolCall" ("orgId", "runId", "index", "turn", "tool", "arguments", "outcome", "result", "startedAt", "latencyMs")
     SELECT $1, $2, n, n + 1, 'search_products', jsonb_build_object('query', 'mug ' || n), 'ok',
       jsonb_build_object('content', jsonb_build_array(jsonb_build_object('type', 'text', 'text', 'Product ' || md5(n::text)))), now(), 12
     FROM generate_series(0, 29) AS n`,
    [orgId, endedRunId],
  ],
  [
    `INSERT INTO "TraceEvent" ("orgId", "runId", "seq", "type", "at", "data")
     SELECT $1, $2, n, CASE n % 2 WHEN 0 THEN 'tool_call' ELSE 'tool_result' END, now(),
       jsonb_build_object('index', n / 2, 'tool', 'search_products', 'outcome', 'ok', 'latencyMs', 12)
     FROM generate_series(0, 59) AS n`,
    [orgId, endedRunId],
  ],
];

/** Opens a page in an empty context. Null for an address that is no page, or leads to another. */
async function measure(context: BrowserContext, url: string): Promise<Cost | null> {
  const page = await context.newPage();
  const cost: Cost = { js: 0, html: 0, requests: 0, shift: 0 };
  const sizes: Promise<void>[] = [];
  page.on('requestfinished', (request) => {
    if (isApart(request.url())) return;
    const note = async () => {
      const { responseBodySize } = await request.sizes();
      cost.requests += 1;
      if (request.resourceType() === 'script') cost.js += responseBodySize;
      if (request.resourceType() === 'document') cost.html += responseBodySize;
    };
    sizes.push(note());
  });
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if ('value' in entry && typeof entry.value === 'number') shifts.push(entry.value);
    }).observe({ type: 'layout-shift', buffered: true });
  });
  const answer = await page.goto(url).catch((error: Error) => {
    // A file, which is downloaded.
    if (error.message.includes('Download is starting')) return null;
    throw error;
  });
  const isPage = answer?.headers()['content-type']?.includes('text/html') && new URL(page.url()).href === url;
  if (isPage) {
    if (!unfinished.test(url)) expect(answer?.status(), url).toBe(200);
    await page.waitForFunction(() => Object.keys(document).some((key) => key.startsWith('__reactContainer')));
    // What hydration and the first effects move is drawn after them.
    await page.evaluate(
      () => new Promise((done) => requestIdleCallback(() => requestAnimationFrame(() => setTimeout(done, 100)))),
    );
    cost.shift = await page.evaluate(() => {
      const shifts: unknown = Reflect.get(window, 'shifts');
      return Array.isArray(shifts) ? shifts.reduce((sum: number, shift: number) => sum + shift, 0) : Number.NaN;
    });
  }
  await Promise.all(sizes);
  await page.close();
  return isPage ? cost : null;
}

describe('every page of the dashboard', () => {
  it('is within its budget when it is opened for the first time', { timeout: 400_000 }, async ({
    app,
    browser,
    shop,
  }) => {
    const world = await makeWorld(app.deps, { shopUrl: shop.url });
    await multiply(app, world);
    const session = await signInOwner(app.deps, world);
    // The page of all components is for development.
    const paths = listPaths();
    const costs = new Map<string, Cost>();
    for (const path of paths) {
      const isPublic = !path.startsWith('/o/') && path !== '/profile';
      const context = await browser.newContext();
      if (!isPublic) await context.addCookies([{ ...session, url: app.url }]);
      const address = fillPath(path.replace(':runId', world.endedRunId), `org-${world.org.orgId}`, world);
      expect(address, 'a parameter that fillPath does not know').not.toContain(':');
      const cost = await measure(context, `${app.url}${address}`);
      await context.close();
      if (cost) costs.set(path, cost);
    }
    console.log(formatCosts(costs));
    expect(costs.size).toBeGreaterThan(25);
    const names = ['js', 'html', 'requests', 'shift'] as const;
    const over = [...costs].flatMap(([path, cost]) =>
      names.flatMap((name) => {
        const exception = known[path]?.[name];
        if (exception !== undefined && name !== 'shift' && cost[name] <= budget[name] * settled)
          return [`${path}: ${name} is within the budget. Take it off the list.`];
        return cost[name] > (exception ?? budget[name]) ? [`${path}: ${name} is ${cost[name]}`] : [];
      }),
    );
    expect(over).toEqual([]);
    expect(Object.keys(known).filter((path) => !costs.has(path))).toEqual([]);
  });

  it('loads no code for schemas or charts', async () => {
    await buildDashboard();
    const folder = 'build/client/assets';
    const scripts = (await readdir(folder)).filter((name) => name.endsWith('.js'));
    expect(scripts.length).toBeGreaterThan(20);
    for (const name of scripts) {
      const code = await readFile(`${folder}/${name}`, 'utf8');
      expect({ name, found: /ZodError|recharts/.exec(code)?.[0] }).toEqual({ name, found: undefined });
    }
  });
});

function formatCosts(costs: ReadonlyMap<string, Cost>): string {
  const lines = [...costs].map(([path, { js, html, requests, shift }]) =>
    [
      path.padEnd(46),
      `${(js / 1000).toFixed(1)} kB`.padStart(9),
      `${(html / 1000).toFixed(1)} kB`.padStart(8),
      String(requests).padStart(8),
      shift.toFixed(3).padStart(6),
    ].join(' '),
  );
  return [`${'page'.padEnd(46)}JavaScript     HTML requests  shift`, ...lines].join('\n');
}
