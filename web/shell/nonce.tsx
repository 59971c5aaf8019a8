import { createContext, useContext } from 'react';

/** Nonce of the content security policy. Browsers hide it from scripts, so it is empty after hydration. */
export const NonceContext = createContext<string | undefined>(undefined);
export const useNonce = () => useContext(NonceContext);
