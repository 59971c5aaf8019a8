import { ArmatureError } from '../../../domain/error/error.ts';
import { archiveRule } from '../../../services/alert-rule/archive.ts';
import { muteRule } from '../../../services/alert-rule/mute.ts';
import { setRuleState } from '../../../services/alert-rule/set-state.ts';
import { testSend } from '../../../services/alert-rule/test-send.ts';
import type { Context } from '../../../services/context/context.ts';
import { retryDelivery } from '../../../services/delivery/retry.ts';
import { text } from '../../shell/form.ts';

/** Handles the buttons of rules and deliveries, on every page that has them. `at` is a delivery to link to. */
export type Done = { done: string; at?: string };

/** @throws ArmatureError `validation_failed` for a form without an action. */
export async function ruleIntent(ctx: Context, form: FormData, ruleId: string): Promise<Done> {
  switch (text(form, 'intent')) {
    case 'pause': {
      const { rule } = await setRuleState(ctx, { ruleId, state: 'paused' });
      return { done: `“${rule.name}” is paused.` };
    }
    case 'resume': {
      const { rule } = await setRuleState(ctx, { ruleId, state: 'watching' });
      return { done: `“${rule.name}” watches.` };
    }
    case 'mute': {
      const { rule } = await muteRule(ctx, { ruleId, minutes: Number(text(form, 'minutes')) });
      return { done: `“${rule.name}” is muted.` };
    }
    case 'unmute': {
      const { rule } = await muteRule(ctx, { ruleId, minutes: 0 });
      return { done: `“${rule.name}” is no longer muted.` };
    }
    case 'test': {
      const { delivery } = await testSend(ctx, { ruleId });
      return { done: `A test message is on its way to ${delivery.destination.label}.`, at: delivery.id };
    }
    case 'delete':
      await archiveRule(ctx, { ruleId });
      return { done: 'The rule was deleted.' };
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
}

export async function deliveryIntent(ctx: Context, form: FormData): Promise<Done> {
  const { delivery } = await retryDelivery(ctx, { deliveryId: text(form, 'deliveryId') });
  return { done: `Sending again to ${delivery.destination.label}.`, at: delivery.id };
}
