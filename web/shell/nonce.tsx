import { createContext, useContext } from 'react';

/** Nonce of the page's content security policy. Browsers hide it from scripts, so there is none after hydration. */
export const NonceContext = createContext<string | undefined>(undefined);
export const useNonce = () => useContext(NonceContext);
