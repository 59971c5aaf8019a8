import { applyCode } from '../../../services/code/apply.ts';
import { exportCode, exportOutput } from '../../../services/code/export.ts';
import { planCode } from '../../../services/code/plan.ts';
import { applyInput, applyOutput, planInput, planOutput } from '../../../services/code/schema.ts';
import { defineRoute } from '../route.ts';

export const codeRoutes = [
  defineRoute({
    method: 'GET',
    path: '/code',
    summary: 'Returns the workspace as files of workflows, monitors, alert rules and maintenance',
    useCase: exportCode,
    input: exportCode.useCase.input,
    output: exportOutput,
    run: (ctx, given) => exportCode(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/code/plan',
    summary: 'Says what applying files would create, change and archive',
    useCase: planCode,
    input: planInput,
    output: planOutput.meta({ id: 'CodePlan' }),
    run: (ctx, given) => planCode(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/code/apply',
    summary: 'Applies files exactly as a plan said, or nothing of them',
    description: 'It is refused as plan_stale when anything that the plan is about has changed.',
    useCase: applyCode,
    input: applyInput,
    output: applyOutput,
    run: (ctx, given) => applyCode(ctx, given),
  }),
];
