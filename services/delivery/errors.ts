import { ArmatureError } from '../../domain/error/error.ts';

export const deliveryNotFound = (): ArmatureError =>
  new ArmatureError(
    'delivery_not_found',
    'Delivery not found in this workspace.',
    'List the deliveries to find the right id.',
  );
