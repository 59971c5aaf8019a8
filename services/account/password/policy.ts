import { z } from 'zod';
import { fieldError } from '../../context/errors.ts';
import { commonPasswords } from './common.ts';

export const minPasswordLength = 10;
const maxPasswordLength = 256;

export const passwordInput = z
  .string()
  .min(minPasswordLength, `A password needs at least ${minPasswordLength} characters.`)
  .max(maxPasswordLength, `A password has at most ${maxPasswordLength} characters.`);

/** Whom a password is for: it must not contain their names. */
export type PasswordOwner = { name: string; email: string; organizationNames: string[] };

const minWordLength = 4;
/** Shorter names are part of too many words: they count only where they stand alone, as in `ada-1815-xyz`. */
const minNameLength = 3;
const minDifferentCharacters = 4;

/** Lower case, without accents, spaces and punctuation. */
const simplify = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

const toWords = (text: string): string[] => text.split(/[^\p{L}\p{N}\p{M}]+/u).map(simplify);

/**
 * The words that a password must not contain: `names` also where they are short. The last part of an e-mail's domain is
 * nobody's name.
 */
function wordsOf({ name, email, organizationNames }: PasswordOwner): { names: string[]; words: string[] } {
  const [local = '', domain = ''] = email.split('@');
  const names = [...[name, local, ...organizationNames].map(simplify), ...toWords(name)];
  const domainName = domain.split('.').slice(0, -1).join('.');
  return { names, words: [...names, ...[local, domainName, ...organizationNames].flatMap(toWords)] };
}

/**
 * Checks what `passwordInput` can't.
 * @throws ArmatureError `validation_failed` at the field `password`
 */
export function checkPassword(password: string, owner: PasswordOwner): void {
  const problem = findProblem(password, owner);
  if (problem) throw fieldError('validation_failed', 'password', problem, 'Choose another password.');
}

function findProblem(password: string, owner: PasswordOwner): string | null {
  if (isCommon(password)) return 'This password is among the most common ones. Use several unrelated words.';
  if (new Set(password).size < minDifferentCharacters)
    return 'This password repeats a few characters. Use several unrelated words.';
  const simple = simplify(password);
  const loneWords = new Set(password.split(/[^\p{L}\p{M}]+/u).map(simplify));
  const { names, words } = wordsOf(owner);
  const word =
    words.find((each) => each.length >= minWordLength && simple.includes(each)) ??
    names.find((each) => each.length >= minNameLength && loneWords.has(each));
  return word === undefined
    ? null
    : `The password contains "${word}", which is part of your name, e-mail address or workspace. Leave it out.`;
}

/** Also with other case, and with punctuation at the end, as in `Password123!`. */
function isCommon(password: string): boolean {
  const lower = password.toLowerCase();
  return commonPasswords.has(lower) || commonPasswords.has(lower.replace(/[^\p{L}\p{N}]+$/u, ''));
}
