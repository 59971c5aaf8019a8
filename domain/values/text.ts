import { z } from 'zod';

/** Control characters, line separators, and characters that reverse the direction of text. */
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
/** Takes space and shows nothing. */
const blank = /[\p{Default_Ignorable_Code_Point}\p{White_Space}\u2800]/gu;

/** Whether the text can be stored: Postgres refuses NUL and halves of characters. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');

/** Whether it is one line of plain text, of which something can be seen. */
export const isVisibleLine = (text: string): boolean =>
  isStorable(text) && !unprintable.test(text) && text.replaceAll(blank, '') !== '';

/** A name that people give and read. The same letters are the same name, however they are composed. */
export const nameText = (what: string) =>
  z
    .string()
    .trim()
    .normalize('NFC')
    .min(1, `Enter a ${what}.`)
    .max(100)
    .refine(isVisibleLine, `A ${what} is one line of plain, visible text.`);

/** Text of several lines. */
export const longText = (what: string, max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .refine(isStorable, `The ${what} contains characters that can't be stored. Enter plain text.`);

const localPart = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const domainName = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Writes an international domain in ASCII, as mail servers expect it. Anything else stays as it is. */
function withAsciiDomain(text: string): string {
  const at = text.lastIndexOf('@');
  const domain = text.slice(at + 1);
  if (at < 0 || !/^[\p{L}\p{M}\p{N}.-]+$/u.test(domain) || !URL.canParse(`http://${domain}`)) return text;
  return `${text.slice(0, at)}@${new URL(`http://${domain}`).hostname}`;
}

function isEmailAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)];
  return at > 0 && local.length <= 64 && localPart.test(local) && domain.length <= 253 && domainName.test(domain);
}

/** An e-mail address without a display name. */
export const emailAddress = z
  .string()
  .trim()
  .max(254)
  .overwrite(withAsciiDomain)
  .refine(
    isEmailAddress,
    'Enter an address such as ada@example.com: at most 64 characters of unaccented letters, digits and signs before the @, and a domain after it.',
  );
