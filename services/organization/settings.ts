import { z } from 'zod';
import { workflowDefinition } from '../../domain/workflow/definition.ts';
import type { Db, Tx } from '../../infra/db/index.ts';

export const organizationSettings = z.object({
  name: z.string(),
  defaultTesterModels: z
    .array(z.string())
    .describe('Of a new workflow that names none. Empty: the built-in one. A saved workflow keeps its own.'),
  defaultJudgeModel: z.string().nullable().describe('Of a new workflow that names none. Null: the built-in one.'),
  runRetentionDays: z.int().nullable().describe('Runs that ended this many days ago are deleted. Null: never.'),
  requirePersonToApply: z
    .boolean()
    .describe('Whether proposals made with an API key are applied by signed-in people alone.'),
});
export type OrganizationSettings = z.infer<typeof organizationSettings>;

export const findSettings = (db: Db | Tx, orgId: string): Promise<OrganizationSettings> =>
  db.organization.findUniqueOrThrow({
    where: { id: orgId },
    select: {
      name: true,
      defaultTesterModels: true,
      defaultJudgeModel: true,
      runRetentionDays: true,
      requirePersonToApply: true,
    },
  });

const { testerModels, judgeModel } = workflowDefinition.shape;
export type ModelDefaults = { testerModels: z.infer<typeof testerModels>; judgeModel: z.infer<typeof judgeModel> };

/** The models of a new workflow that names none. */
export async function loadModelDefaults(db: Db | Tx, orgId: string): Promise<ModelDefaults> {
  const { defaultTesterModels, defaultJudgeModel } = await findSettings(db, orgId);
  return {
    testerModels: defaultTesterModels.length > 0 ? defaultTesterModels : ['builtin/scripted'],
    judgeModel: defaultJudgeModel ?? 'builtin/assertions',
  };
}
