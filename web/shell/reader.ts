export const themes = ['light', 'dark', 'system'] as const;
export type Theme = (typeof themes)[number];

/** How the person at the browser reads. In cookies, so that the server renders what the browser will. */
export type Reader = {
  /** IANA time zone. */
  zone: string;
  /** BCP 47: of dates and numbers. Words are English. */
  locale: string;
  theme: Theme;
};

export const defaultReader: Reader = { zone: 'UTC', locale: 'en', theme: 'system' };

const cookieNames = { zone: 'armature_zone', locale: 'armature_locale', theme: 'armature_theme' } as const;

/** @param header the `Cookie` header. @returns what is stored in it and valid */
export function storedReader(header: string | null): Partial<Reader> {
  const [zone, locale] = [cookie(header, cookieNames.zone), cookie(header, cookieNames.locale)];
  const stored = cookie(header, cookieNames.theme);
  const theme = themes.find((each) => each === stored);
  return {
    ...(isZone(zone) && { zone }),
    ...(isLocale(locale) && { locale }),
    ...(theme && { theme }),
  };
}

/** The reader of a request, with the defaults for what is missing or invalid. */
export const parseReader = (header: string | null): Reader => ({ ...defaultReader, ...storedReader(header) });

/** The browser hasn't stored its zone and locale yet. */
export function isFirstVisit(header: string | null): boolean {
  const { zone, locale } = storedReader(header);
  return zone === undefined || locale === undefined;
}

const secondsOfYear = 31_536_000;

/** `Set-Cookie` values for what a person chose, which `document.cookie` accepts too. Invalid choices are left out. */
export function storeReader(chosen: { zone?: string; locale?: string; theme?: string }): string[] {
  const names = ['zone', 'locale', 'theme'] as const;
  const header = names.map((name) => `${cookieNames[name]}=${encodeURIComponent(chosen[name] ?? '')}`).join('; ');
  const valid = storedReader(header);
  return names.flatMap((name) => {
    const value = valid[name];
    if (value === undefined) return [];
    return `${cookieNames[name]}=${encodeURIComponent(value)}; Path=/; Max-Age=${secondsOfYear}; SameSite=Lax`;
  });
}

function cookie(header: string | null, name: string): string {
  const part = (header ?? '').split(';').find((each) => each.trim().startsWith(`${name}=`));
  const value = part?.trim().slice(name.length + 1) ?? '';
  return attempt(() => decodeURIComponent(value)) ?? '';
}

const isZone = (zone: string): boolean =>
  zone !== '' && zone.length <= 64 && attempt(() => new Intl.DateTimeFormat('en', { timeZone: zone })) !== undefined;

const isLocale = (locale: string): boolean =>
  locale !== '' &&
  locale.length <= 35 &&
  (attempt(() => Intl.NumberFormat.supportedLocalesOf(locale)) ?? []).length > 0;

/** Intl and decoding tell that a value is invalid only by throwing. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
