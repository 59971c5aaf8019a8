/**
 * The first key that an object of a JSON text has twice: parsing would silently take the last one.
 * @param text valid JSON
 */
export function findDuplicateKey(text: string): string | null {
  // Null for a list.
  const open: (Set<string> | null)[] = [];
  let key = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = endOfString(text, at);
        const keys = open.at(-1);
        if (key && keys) {
          const raw = text.slice(at + 1, end);
          const name = raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw;
          if (keys.has(name)) return name;
          keys.add(name);
          key = false;
        }
        at = end;
        break;
      }
      case 0x7b:
        open.push(new Set());
        key = true;
        break;
      case 0x5b:
        open.push(null);
        key = false;
        break;
      case 0x7d:
      case 0x5d:
        open.pop();
        key = false;
        break;
      case 0x2c:
        key = open.at(-1) !== null;
        break;
    }
  }
  return null;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return at;
  }
}
