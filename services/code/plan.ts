import { useCase } from '../context/use-case.ts';
import { loadModels } from '../model/load.ts';
import { computePlan, loadAllRedactors } from './compute.ts';
import { type CodePlan, planInput } from './schema.ts';

/**
 * Says, property by property, what applying files would create, change and archive in the workspace. Writes nothing.
 * @throws ArmatureError `validation_failed`; fields are named like `files[0].workflows[1].prompt`
 */
export const planCode = useCase({
  name: 'code.plan',
  access: 'viewer',
  input: planInput,
  async run({ ctx, db, orgId, now }, input): Promise<CodePlan> {
    const redactorOf = await loadAllRedactors(ctx.deps, orgId);
    const models = await loadModels(ctx.deps, orgId);
    const { plan } = await computePlan(db, input, { orgId, models, redactorOf, now: now() });
    return plan;
  },
});
