import type { Config } from '../../infra/config/index.ts';
import { fieldError } from '../context/errors.ts';
import { checkAddress } from '../server/address.ts';

/**
 * As `checkAddress`, for an API that is published: it can't be Armature itself, whose servers would call each other.
 * @throws ArmatureError `target_blocked`
 */
export function checkApiAddress(config: Config, url: string, field: string): void {
  if (URL.parse(url)?.origin === new URL(config.url).origin)
    throw fieldError(
      'target_blocked',
      field,
      'This is the address of Armature itself.',
      'Enter the address of your API.',
    );
  checkAddress(config, url, field);
}
