import { ArmatureError } from '../../domain/error/error.ts';

export const monitorNotFound = (): ArmatureError =>
  new ArmatureError(
    'monitor_not_found',
    'Monitor not found in this workspace.',
    'List the monitors to find the right id.',
  );
export const monitorArchived = (): ArmatureError =>
  new ArmatureError(
    'monitor_archived',
    'This monitor is deleted. It can be read, but not edited or checked.',
    'Create a new monitor, or choose another one.',
  );
