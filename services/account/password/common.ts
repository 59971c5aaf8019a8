import list from './common-passwords.json' with { type: 'json' };

/** In lower case. Shorter ones than a password may be are left out. */
export const commonPasswords: ReadonlySet<string> = new Set(list.passwords.split(' '));
