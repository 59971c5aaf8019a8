import { ArmatureError } from '../../domain/error/error.ts';

export const providerNotFound = (): ArmatureError =>
  new ArmatureError(
    'model_provider_not_found',
    'There is no such model provider in this workspace.',
    'List the model providers to find the right id.',
  );
