import { z } from 'zod';
import { nameText } from '../../domain/values/text.ts';
import { workflowDefinition } from '../../domain/workflow/definition.ts';
import type { Models } from '../../infra/models/index.ts';
import { validationError } from '../context/errors.ts';
import { useCase } from '../context/use-case.ts';
import { loadModels } from '../model/load.ts';
import { findSettings, type OrganizationSettings } from './settings.ts';

const { testerModels, judgeModel } = workflowDefinition.shape;

export const editOrganizationInput = z.object({
  name: nameText('name').optional(),
  defaultTesterModels: z
    .array(testerModels.element)
    .max(10)
    .refine((models) => new Set(models).size === models.length, 'Each tester model may be named once.')
    .optional()
    .describe('Empty: the built-in one.'),
  defaultJudgeModel: judgeModel.nullable().optional().describe('Null: the built-in one.'),
  runRetentionDays: z
    .int('Give a whole number of days.')
    .min(1, 'Keep runs for at least a day.')
    .max(3650)
    .nullable()
    .optional()
    .describe('Null: runs are kept for good.'),
  requirePersonToApply: z.boolean().optional(),
});

/**
 * Changes the settings of the workspace; what is left out stays. Default models are filled in when a workflow is
 * created, so its versions say which they were.
 * @throws ArmatureError `validation_failed`
 */
export const editOrganization = useCase({
  name: 'organization.edit',
  access: 'owner',
  input: editOrganizationInput,
  async run({ ctx, orgId, write }, changes): Promise<OrganizationSettings> {
    const { name, defaultTesterModels, defaultJudgeModel, runRetentionDays, requirePersonToApply } = changes;
    if (defaultTesterModels !== undefined || defaultJudgeModel)
      requireModels(await loadModels(ctx.deps, orgId), { defaultTesterModels, defaultJudgeModel });
    return write(
      async (tx) => {
        await tx.organization.update({
          where: { id: orgId },
          data: {
            ...(name !== undefined && { name }),
            ...(defaultTesterModels !== undefined && { defaultTesterModels }),
            ...(defaultJudgeModel !== undefined && { defaultJudgeModel }),
            ...(runRetentionDays !== undefined && { runRetentionDays }),
            ...(requirePersonToApply !== undefined && { requirePersonToApply }),
          },
        });
        return findSettings(tx, orgId);
      },
      { subject: orgId, data: changes },
    );
  },
});

function requireModels(
  models: Models,
  of: { defaultTesterModels: string[] | undefined; defaultJudgeModel: string | null | undefined },
): void {
  const known = models.list();
  const problem = (id: string, part: 'tester' | 'judge', field: string) =>
    known.some((model) => model.id === id && model[part])
      ? []
      : [{ field, message: `There is no ${part} model "${id}".` }];
  const wrong = [
    ...(of.defaultTesterModels ?? []).flatMap((id, index) => problem(id, 'tester', `defaultTesterModels[${index}]`)),
    ...(of.defaultJudgeModel ? problem(of.defaultJudgeModel, 'judge', 'defaultJudgeModel') : []),
  ];
  if (wrong.length > 0) throw validationError(wrong, 'Choose one of the models of this workspace.');
}
