import type { Context } from '../../../../services/context/context.ts';
import { validationError } from '../../../../services/context/errors.ts';
import { testDestination } from '../../../../services/destination/test.ts';
import { toValues } from '../../../shell/form.ts';
import { type Fields, fromForm, targetField, toDestination, toRuleInput } from './fields.ts';

const choose: { [field: string]: string } = {
  monitorId: 'Choose a monitor.',
  workflowId: 'Choose a workflow.',
  serverId: 'Choose a server.',
};

/**
 * The rule of a form, as the use cases take it.
 * @param of.hasTarget false for the built-in rule, whose form has none
 * @throws ArmatureError `validation_failed` for what was left empty, all at once
 */
export function readRule(form: FormData, { hasTarget }: { hasTarget: boolean }) {
  const fields = fromForm(form);
  const missing = [
    ...(fields.get('name').trim() === '' ? [{ field: 'name', message: 'Enter a name.' }] : []),
    ...(hasTarget ? listMissingOfTarget(fields) : []),
    ...listMissingOfDestination(fields),
  ];
  if (missing.length > 0) throw validationError(missing);
  return toRuleInput(fields);
}

/** Tests the destination of a rule's form, which is filled with the same again. @throws ArmatureError */
export async function testForm(ctx: Context, form: FormData) {
  const fields = fromForm(form);
  const missing = listMissingOfDestination(fields);
  if (missing.length > 0) throw validationError(missing);
  return { tested: await testDestination(ctx, { destination: toDestination(fields) }), values: toValues(form) };
}

function listMissingOfTarget({ get }: Fields) {
  const kind = get('targetKind');
  if (kind === '') return [{ field: 'target', message: 'Choose what to watch.' }];
  const field = targetField(kind);
  return field !== null && get(field) === '' ? [{ field: `target.${field}`, message: choose[field] ?? '' }] : [];
}

function listMissingOfDestination({ get }: Fields) {
  switch (get('destinationKind')) {
    case 'slack':
      return [
        ...(get('installationId') === ''
          ? [{ field: 'destination.installationId', message: 'Choose a Slack workspace.' }]
          : []),
        ...(get('channel').trim() === ''
          ? [{ field: 'destination.channel', message: 'Enter a channel or a user.' }]
          : []),
      ];
    case 'webhook':
      return get('webhookId') === '' ? [{ field: 'destination.webhookId', message: 'Choose a webhook.' }] : [];
    default:
      return get('address').trim() === ''
        ? [{ field: 'destination.address', message: 'Enter an e-mail address.' }]
        : [];
  }
}
