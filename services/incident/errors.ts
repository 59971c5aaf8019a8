import { ArmatureError } from '../../domain/error/error.ts';

export const incidentNotFound = (): ArmatureError =>
  new ArmatureError(
    'incident_not_found',
    'There is no such incident in this workspace.',
    'List the incidents to find the right id.',
  );
