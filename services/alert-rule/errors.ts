import { ArmatureError } from '../../domain/error/error.ts';

export const ruleNotFound = (): ArmatureError =>
  new ArmatureError(
    'alert_rule_not_found',
    'There is no such alert rule in this workspace, or it was deleted.',
    'List the rules to find the right id.',
  );
