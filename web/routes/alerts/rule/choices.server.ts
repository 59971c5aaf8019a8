import { listRuleTargets } from '../../../../services/alert-rule/list-targets.ts';
import type { Context } from '../../../../services/context/context.ts';
import { listDestinations } from '../../../../services/destination/list.ts';

/** What the form of a rule offers. @param chosenId of the target, which is offered whatever else is */
export async function loadChoices(ctx: Context, chosenId: string | null | undefined) {
  const [targets, { slack, webhooks, email }] = await Promise.all([
    listRuleTargets(ctx, { ...(chosenId && { chosenId }) }),
    listDestinations(ctx, {}),
  ]);
  return {
    ...targets,
    installations: slack.installations.map(({ id, teamName, state }) => ({ id, teamName, state })),
    webhooks: webhooks.map(({ id, name }) => ({ id, name })),
    emailConfigured: email.configured,
  };
}

export type Choices = Awaited<ReturnType<typeof loadChoices>>;
