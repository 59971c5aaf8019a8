import { ArmatureError } from '../../domain/error/error.ts';

export const ruleNotFound = (): ArmatureError =>
  new ArmatureError(
    'alert_rule_not_found',
    'Alert rule not found in this workspace, or deleted.',
    'List the rules to find the right id.',
  );
