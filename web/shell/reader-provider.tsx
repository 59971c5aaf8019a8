import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { useRevalidator } from 'react-router';
import { createFormat, type Format } from '../ui/base/format.ts';
import { createTicker, type Ticker } from '../ui/hooks/ticker.ts';
import { defaultReader, type Reader, storeReader } from './reader.ts';

type Reading = { reader: Reader; format: Format; ticker: Ticker };

const toReading = (reader: Reader, renderedAt: number): Reading => ({
  reader,
  format: createFormat(reader),
  ticker: createTicker({ renderedAt }),
});

const ReadingContext = createContext(toReading(defaultReader, 0));

/** Zone, locale and theme of the person at the browser, the same on the server and in the browser. */
export const useReader = (): Reader => useContext(ReadingContext).reader;
/** Formats times, numbers, durations, shares and costs for the reader. */
export const useFormat = (): Format => useContext(ReadingContext).format;
/** The one clock of all relative times. */
export const useTicker = (): Ticker => useContext(ReadingContext).ticker;

/**
 * Gives the pages below it their reader. On a first visit it stores the browser's zone and locale, then loads the
 * page's data again.
 * @param props.renderedAt milliseconds since 1970 on the server: relative times start from it
 */
export function ReaderProvider({
  reader: { zone, locale, theme },
  isFirstVisit,
  renderedAt,
  children,
}: {
  reader: Reader;
  isFirstVisit: boolean;
  renderedAt: number;
  children: ReactNode;
}) {
  const { revalidate } = useRevalidator();
  useEffect(() => {
    if (!isFirstVisit) return;
    const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in some browsers.
    for (const cookie of storeReader({ zone, locale: navigator.language })) document.cookie = cookie;
    revalidate();
  }, [isFirstVisit, revalidate]);
  // Only the first time counts: later loads of data don't set the clock.
  const [ticker] = useState(() => createTicker({ renderedAt }));
  const reading = useMemo(() => {
    const reader = { zone, locale, theme };
    return { reader, format: createFormat(reader), ticker };
  }, [zone, locale, theme, ticker]);
  return <ReadingContext.Provider value={reading}>{children}</ReadingContext.Provider>;
}
