import { isNode } from '../document/node.ts';
import { essence, isRange } from '../tool/media-type.ts';
import { ToolInputError } from './arguments.ts';

export type Content = { bytes: Uint8Array; filename: string | null; mediaType: string | null };

export type WrittenBody = { contentType: string; content: string | Uint8Array };

const utf8 = new TextEncoder();

/** A file as a model gives it: `{ base64 }` or `{ text }`, with a name and media type. A bare text is text. */
export function readContent(field: string, given: unknown): Content {
  if (typeof given === 'string') return { bytes: utf8.encode(given), filename: null, mediaType: null };
  const { base64, text, filename, media_type: mediaType } = isNode(given) ? given : {};
  if (typeof base64 === 'string' && typeof text === 'string')
    throw new ToolInputError(field, 'Give the content as text or as base64, not both.');
  if (typeof base64 !== 'string' && typeof text !== 'string')
    throw new ToolInputError(field, 'The content is missing. Give it as `text` or as `base64`.');
  return {
    bytes: typeof base64 === 'string' ? fromBase64(field, base64) : utf8.encode(String(text)),
    filename: typeof filename === 'string' && filename !== '' ? filename : null,
    mediaType: typeof mediaType === 'string' && mediaType !== '' ? mediaType : null,
  };
}

/** Base64 in either alphabet, with or without padding, in lines or not. */
function fromBase64(field: string, text: string): Uint8Array {
  const plain = text.replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(plain) || plain.length % 4 === 1)
    throw new ToolInputError(field, 'The content is no base64. Give it as `text`, or encode it.');
  return Uint8Array.from(atob(plain), (char) => char.charCodeAt(0));
}

const chunk = 0x8000;

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += chunk) binary += String.fromCharCode(...bytes.subarray(at, at + chunk));
  return btoa(binary);
}

/** Whether a media type is one of a list as documents write it (`image/png, image/*`). */
export function isOneOf(mediaType: string, list: string): boolean {
  const [type] = essence(mediaType).split('/');
  return list.split(',').some((each) => {
    const allowed = essence(each);
    if (!isRange(allowed)) return allowed === essence(mediaType);
    return allowed === '*/*' || allowed.split('/')[0] === type;
  });
}
