const form = /amt_[0-9a-f]{16}_[\w-]{43}/gi;

/** Finds Armature's own API keys (services/api-key), which no text may contain. */
export const findOwnKeys = (text: string): RegExpStringIterator<RegExpExecArray> => text.matchAll(form);

/** Names of fields, log lines: what may quote a text of others. */
export const maskOwnKeys = (text: string): string => (text.includes('_') ? text.replaceAll(form, '[redacted]') : text);

/** For schemas of texts that are stored. */
export const hasNoOwnKey = (text: string): boolean => text.search(form) === -1;
export const ownKeyProblem = 'This contains an API key of Armature. Leave it out, and revoke the key if others saw it.';
