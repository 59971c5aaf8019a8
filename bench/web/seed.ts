import { Client } from 'pg';
import type { Deps } from '../../services/context/context.ts';
import { makeWorld, type World } from '../../tests/contract/registry/world.ts';
import { seedRuns, seedTrace } from '../mcp/seed-runs.ts';
import { seedHistory, seedServer } from '../seed-monitors.ts';

const monitors = 1000;
const servers = 10;
const workflows = 300;

/**
 * A workspace with one of everything, runs, 1,000 monitors and 300 workflows. The workflow, server and run of its pages
 * are among those with most runs.
 */
export async function seedWorkspace(
  deps: Deps,
  { ownerUrl, shopUrl, runs }: { ownerUrl: string; shopUrl: string; runs: number },
): Promise<World> {
  const world = await makeWorld(deps, { shopUrl });
  const { orgId } = world.org;
  for (let server = 0; server < servers; server += 1)
    await seedServer(deps.db, {
      orgId,
      url: `http://127.0.0.1:${1000 + server}/mcp`,
      monitors: monitors / servers,
      schedule: false,
    });
  // The one of `makeWorld` has its health already.
  await deps.db.monitorHealth.deleteMany({ where: { orgId } });
  await deps.db.checkHour.deleteMany({ where: { orgId } });
  await seedHistory(deps.db, { orgId });
  const { workflowId, serverId } = await seedRuns(ownerUrl, orgId, runs, { others: 0 });
  const { runId, versionId } = await fill(ownerUrl, { orgId, workflowId });
  await seedTrace(ownerUrl, orgId, runId);
  return { ...world, workflowId, serverId, versionId, runId };
}

/** Adds workflows up to 300. @returns a run and the version of this workflow */
async function fill(
  ownerUrl: string,
  { orgId, workflowId }: { orgId: string; workflowId: string },
): Promise<{ runId: string; versionId: string }> {
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await owner.query(
      `WITH copies AS (
         SELECT gen_random_uuid() AS id, gen_random_uuid() AS version, n, w AS workflow, v AS original
         FROM "Workflow" w JOIN "WorkflowVersion" v ON v."id" = w."activeVersionId", generate_series(1, $3::int) AS n
         WHERE w."orgId" = $1 AND w."id" = $2
       ), versions AS (
         INSERT INTO "WorkflowVersion" ("id", "orgId", "workflowId", "number", "definition", "createdBy")
         SELECT version, $1, id, 1, (original)."definition", (original)."createdBy" FROM copies
       )
       INSERT INTO "Workflow" SELECT (jsonb_populate_record(workflow, jsonb_build_object('id', id, 'activeVersionId', version,
         'name', 'Copy ' || n, 'slug', 'copy-' || n))).* FROM copies`,
      [orgId, workflowId, workflows - (await count(owner, orgId))],
    );
    await owner.query('VACUUM ANALYZE');
    const { rows } = await owner.query<{ runId: string; versionId: string }>(
      `SELECT "id" AS "runId", "versionId" FROM "Run" WHERE "orgId" = $1 AND "workflowId" = $2 ORDER BY "createdAt" DESC LIMIT 1`,
      [orgId, workflowId],
    );
    const [row] = rows;
    if (!row) throw new Error('The workflow has no run.');
    return row;
  } finally {
    await owner.end();
  }
}

async function count(owner: Client, orgId: string): Promise<number> {
  const { rows } = await owner.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM "Workflow" WHERE "orgId" = $1',
    [orgId],
  );
  return rows[0]?.count ?? 0;
}
