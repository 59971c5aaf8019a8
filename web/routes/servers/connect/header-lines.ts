/** Headers as a form has them: `name: value`, a line each. A name without a value stands for the stored one. */
export function readHeaderLines(lines: string): { [name: string]: string | null } {
  return Object.fromEntries(
    lines.split('\n').flatMap((line) => {
      const [name = '', ...rest] = line.split(':');
      const value = rest.join(':').trim();
      return name.trim() === '' ? [] : [[name.trim(), value === '' ? null : value]];
    }),
  );
}

export const toHeaderLines = (names: readonly string[]): string => names.map((name) => `${name}:`).join('\n');
