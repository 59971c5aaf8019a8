import { useEffect, useState } from 'react';
import { useRevalidator } from 'react-router';
import { storeReader, type Theme } from '../reader.ts';
import { useReader } from '../reader-provider.tsx';

const choices: { theme: Theme; label: string }[] = [
  { theme: 'light', label: 'Light' },
  { theme: 'dark', label: 'Dark' },
  { theme: 'system', label: 'System' },
];

/** The themes, which one is chosen, and the choice of another. */
export function useTheme() {
  const { theme } = useReader();
  const { revalidate } = useRevalidator();
  // The choice shows before the server knows it.
  const [chosen, setChosen] = useState(theme);
  useEffect(() => setChosen(theme), [theme]);
  return {
    theme: chosen,
    choices,
    choose(next: Theme): void {
      setChosen(next);
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in some browsers.
      for (const cookie of storeReader({ theme: next })) document.cookie = cookie;
      void revalidate();
    },
  };
}
