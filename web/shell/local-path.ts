/** The text if it is a path of this site, else null. `//host`, `/\host` and schemes lead elsewhere. */
export function localPath(text: string | null | undefined): string | null {
  if (!text?.startsWith('/')) return null;
  const base = 'http://armature.invalid';
  if (!URL.canParse(text, base)) return null;
  const url = new URL(text, base);
  return url.origin === base && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}${url.hash}` : null;
}
