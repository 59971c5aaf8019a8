export type Instant = string | number | Date;

/**
 * Texts of values, in the reader's zone and locale. Dates and numbers follow the locale, words are English.
 * Each accepts `null` for an unknown value and returns `–`.
 */
export type Format = {
  /** `12,384` */
  number(value: number | null): string;
  /** `12,384 tokens`, `1 token` */
  count(value: number, one: string, many?: string): string;
  /** A share of 0–1: `98.4 %`, `99.95 %`, `100 %`. Rounded down, so that 100 % means all. */
  percent(share: number | null): string;
  /** Milliseconds: `840 ms`, `3.2 s`, `2 min 5 s`, `3 h 10 min`, `2 d 4 h` */
  duration(ms: number | null): string;
  /** `950`, `12.4k`, `1.2M` */
  tokens(value: number | null): string;
  /** Dollars: `$0.0042` below a dollar, else `$12.30` */
  cost(dollars: number | null): string;
  /** `1 Dec, 14:05`, with the year if it is not that of `now` */
  dateTime(at: Instant, now?: number): string;
  /** `Tue 1 Dec, 14:05` */
  weekdayTime(at: Instant): string;
  /** `1 Dec` */
  day(at: Instant): string;
  /** `14:05` */
  time(at: Instant): string;
  /** With seconds: `14:05:09` */
  clock(at: Instant): string;
  /** Weekday, date, time with seconds, and zone. */
  exact(at: Instant): string;
  /** `just now`, `12 min ago`, `in 3 h`; further than seven days away, `dateTime` */
  relative(at: Instant, now: number): string;
};

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const unknown = '–';

/** @param reader its zone and locale are valid (web/shell/reader.ts) */
export function createFormat({ locale, zone }: { locale: string; zone: string }): Format {
  const dates = cached(
    (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { ...options, timeZone: zone }),
  );
  const numbers = cached((options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options));
  const date = (at: Instant, options: Intl.DateTimeFormatOptions) => dates(options).format(new Date(at));
  const number = (value: number, options: Intl.NumberFormatOptions = {}) => numbers(options).format(value);
  // A reader whose zone isn't known yet, or who has no JavaScript, has to see that it is UTC.
  const suffix = zone === 'UTC' ? ' UTC' : '';

  const format: Format = {
    number: (value) => (value === null ? unknown : number(value)),
    count: (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`,
    percent(share) {
      if (share === null) return unknown;
      // Rounding first: 0.29 * 100 is 28.999….
      const scale = share > 0.99 && share < 1 ? 100 : 10;
      const floor = Math.floor(Math.round(share * 1e9) / (1e7 / scale)) / scale;
      return `${number(floor, { maximumFractionDigits: 2 })} %`;
    },
    duration(ms) {
      if (ms === null) return unknown;
      if (ms < 999.5) return `${number(Math.round(ms))} ms`;
      if (ms < 59_950) return `${number(ms / 1000, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
      if (ms < hour - 500) return twoUnits(ms / 1000, 60, 'min', 's');
      return ms < day - minute / 2 ? twoUnits(ms / minute, 60, 'h', 'min') : twoUnits(ms / hour, 24, 'd', 'h');
    },
    tokens(value) {
      if (value === null) return unknown;
      if (value < 1000) return number(value);
      const [scale, unit] = value < 999_950 ? [1000, 'k'] : [1_000_000, 'M'];
      return `${number(value / Number(scale), { maximumFractionDigits: 1 })}${unit}`;
    },
    cost(dollars) {
      if (dollars === null) return unknown;
      const digits = dollars > 0 && dollars < 1 ? 4 : 2;
      return `$${number(dollars, { minimumFractionDigits: dollars === 0 ? 0 : digits, maximumFractionDigits: digits })}`;
    },
    dateTime: (at, now = Date.now()) =>
      date(at, {
        day: 'numeric',
        month: 'short',
        hour: '2-digit',
        minute: '2-digit',
        ...(new Date(at).getUTCFullYear() !== new Date(now).getUTCFullYear() && { year: 'numeric' }),
      }) + suffix,
    weekdayTime: (at) =>
      date(at, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }),
    day: (at) => date(at, { day: 'numeric', month: 'short' }),
    time: (at) => date(at, { hour: '2-digit', minute: '2-digit' }),
    clock: (at) => date(at, { timeStyle: 'medium' }) + suffix,
    exact: (at) => date(at, { dateStyle: 'full', timeStyle: 'long' }),
    relative(at, now) {
      const distance = new Date(at).getTime() - now;
      const size = Math.abs(distance);
      if (size > 7 * day) return format.dateTime(at, now);
      if (size < 5000) return 'just now';
      const text = oneUnit(size);
      return distance < 0 ? `${text} ago` : `in ${text}`;
    },
  };
  return format;

  function twoUnits(value: number, per: number, large: string, small: string): string {
    const rounded = Math.round(value);
    const rest = rounded % per;
    return `${number(Math.floor(rounded / per))} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
  }
}

function oneUnit(ms: number): string {
  if (ms < minute) return `${Math.floor(ms / 1000)} s`;
  if (ms < hour - 500) return `${Math.floor(ms / minute)} min`;
  if (ms < day) return `${Math.floor(ms / hour)} h`;
  const days = Math.floor(ms / day);
  return days === 1 ? '1 day' : `${days} days`;
}

/** Creating a formatter takes longer than formatting, and pages have hundreds of values. */
function cached<Options extends object, Formatter>(create: (options: Options) => Formatter) {
  const made = new Map<string, Formatter>();
  return (options: Options): Formatter => {
    const key = JSON.stringify(options);
    const found = made.get(key) ?? create(options);
    made.set(key, found);
    return found;
  };
}
