import { ArmatureError } from '../../../../domain/error/error.ts';
import { muteRule } from '../../../../services/alert-rule/mute.ts';
import { setRuleState } from '../../../../services/alert-rule/set-state.ts';
import { testSend } from '../../../../services/alert-rule/test-send.ts';
import type { Context } from '../../../../services/context/context.ts';
import { newId } from '../../../../services/context/ids.ts';
import { text } from '../../../shell/form.ts';
import { span } from './labels.ts';

/**
 * What a button did. `key`: a new one for each press. `undo`: the fields of the form that takes it back. `deliveryId`:
 * of the test that was sent.
 */
export type Done = { done: string; key: string; undo?: { intent: string; ruleId: string }; deliveryId?: string };

/** Handles the buttons of a rule, on every page that has them. @throws ArmatureError `validation_failed` */
export async function ruleIntent(ctx: Context, form: FormData, ruleId: string): Promise<Done> {
  const done = (message: string, undo?: string): Done => ({
    done: message,
    key: newId(),
    ...(undo && { undo: { intent: undo, ruleId } }),
  });
  switch (text(form, 'intent')) {
    case 'pause': {
      const { rule } = await setRuleState(ctx, { ruleId, state: 'paused' });
      return done(`“${rule.name}” is paused.`, 'resume');
    }
    case 'resume': {
      const { rule } = await setRuleState(ctx, { ruleId, state: 'watching' });
      return done(`“${rule.name}” is active.`);
    }
    case 'mute': {
      const minutes = Number(text(form, 'minutes'));
      const { rule } = await muteRule(ctx, { ruleId, minutes });
      return done(`“${rule.name}” is muted for ${span(minutes)}.`, 'unmute');
    }
    case 'unmute': {
      const { rule } = await muteRule(ctx, { ruleId, minutes: 0 });
      return done(`“${rule.name}” is no longer muted.`);
    }
    case 'test': {
      const { delivery } = await testSend(ctx, { ruleId });
      return {
        ...done(`A test message is on its way to ${delivery.destination.label}.`),
        deliveryId: delivery.id,
      };
    }
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
}
