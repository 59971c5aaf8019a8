declare global {
  // In Node since 22, not yet in TypeScript's library.
  interface JSON {
    rawJSON(json: string): object;
  }
}

/**
 * A JSON number that a JavaScript number can't hold, such as 9007199254740993 or 0.12345678901234567890: it keeps the
 * digits that were written.
 */
export class ExactNumber {
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  toString(): string {
    return this.#source;
  }

  /** Written with its digits by JSON.stringify. */
  toJSON(): object {
    return JSON.rawJSON(this.#source);
  }
}

export type JsonNumber = number | ExactNumber;

export const isJsonNumber = (value: unknown): value is JsonNumber =>
  typeof value === 'number' || value instanceof ExactNumber;

/** A number as it is written in JSON, kept exactly. @param source a valid JSON number */
export function readNumber(source: string): JsonNumber {
  const value = Number(source);
  return Number.isFinite(value) && compareNumbers(value, new ExactNumber(source)) === 0
    ? value
    : new ExactNumber(source);
}

/** Fewer digits are always exact. */
const mayBeInexact = /[\d.]{16}|[eE][+-]?\d{3}/;

/** Whether a JSON text may have numbers that plain parsing rounds. */
export const mayRoundNumbers = (text: string): boolean => mayBeInexact.test(text);

/** Parses JSON and keeps numbers exactly. @throws SyntaxError */
export function parseExactly(text: string): unknown {
  if (!mayBeInexact.test(text)) return JSON.parse(text);
  try {
    return JSON.parse(text, (_, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' && context?.source !== undefined ? readNumber(context.source) : value,
    );
  } catch (error) {
    // A reviver needs the stack for each level, plain parsing doesn't.
    if (error instanceof RangeError) return JSON.parse(text);
    throw error;
  }
}

/** Negative where `a` is smaller, 0 where both are equal. Takes time by the number of digits, whatever the exponent. */
export function compareNumbers(a: JsonNumber, b: JsonNumber): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
  const [one, other] = [toDecimal(a), toDecimal(b)];
  if (one.sign !== other.sign) return one.sign - other.sign;
  return one.sign === -1 ? compareMagnitudes(other, one) : compareMagnitudes(one, other);
}

/** 0.`digits` × 10^`exponent`, without zeros at either end of the digits. */
type Decimal = { sign: -1 | 0 | 1; digits: string; exponent: bigint };

function toDecimal(number: JsonNumber): Decimal {
  const [, minus, whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(String(number)) ?? [];
  const all = `${whole}${fraction}`;
  const first = all.search(/[1-9]/);
  if (first === -1) return { sign: 0, digits: '', exponent: 0n };
  return {
    sign: minus ? -1 : 1,
    digits: all.slice(first).replace(/0+$/, ''),
    exponent: BigInt(power) + BigInt(whole.length - first),
  };
}

function compareMagnitudes(a: Decimal, b: Decimal): number {
  if (a.exponent !== b.exponent) return a.exponent < b.exponent ? -1 : 1;
  return a.digits < b.digits ? -1 : a.digits > b.digits ? 1 : 0;
}

/** Numbers with the digits that were written, by JSON pointer. */
export type ExactNumbers = { [pointer: string]: string };

const maxExactNumbers = 1000;
const maxPointersLength = 64 * 1024;

/** The exact numbers in a value that was parsed exactly; null for too many to keep. */
export function listExactNumbers(root: unknown): ExactNumbers | null {
  const found: [string, string][] = [];
  let length = 0;
  const pending: { value: unknown; pointer: string }[] = [{ value: root, pointer: '' }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, pointer } = next;
    if (value instanceof ExactNumber) {
      found.push([pointer, String(value)]);
      length += pointer.length + String(value).length;
      if (found.length > maxExactNumbers || length > maxPointersLength) return null;
    } else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value))
        if (typeof item === 'object' && item !== null)
          pending.push({ value: item, pointer: `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` });
  }
  return Object.fromEntries(found);
}

/** A copy of a plainly parsed value with its exact numbers in their places. */
export function withExactNumbers(value: unknown, numbers: ExactNumbers): unknown {
  const copy = structuredClone(value);
  for (const [pointer, source] of Object.entries(numbers)) {
    const keys = pointer.split('/').slice(1);
    const last = keys.pop();
    let parent: unknown = copy;
    for (const key of keys) parent = readOwn(parent, key);
    if (last === undefined || typeof readOwn(parent, last) !== 'number') continue;
    const own = { value: new ExactNumber(source), writable: true, enumerable: true, configurable: true };
    if (typeof parent === 'object' && parent !== null) Object.defineProperty(parent, unescapeKey(last), own);
  }
  return copy;
}

const unescapeKey = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~');

function readOwn(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Object.getOwnPropertyDescriptor(value, unescapeKey(key))?.value;
  return found;
}
