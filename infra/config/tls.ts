import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Certificates and keys in PEM, empty where there are none. */
export type Tls = { ca: string; cert: string; key: string; serverName: string };

/** A variable that contains PEM, or the path of a file that does. */
export const pem = z
  .string()
  .trim()
  .default('')
  .transform((value, context) => {
    if (value === '' || value.startsWith('-----BEGIN ')) return value;
    try {
      const text = readFileSync(value, 'utf8');
      if (text.includes('-----BEGIN ')) return text;
      context.addIssue({ code: 'custom', message: `${value} contains no PEM (-----BEGIN …)` });
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
      context.addIssue({ code: 'custom', message: `must be PEM, or the path of a file: it can't be read (${reason})` });
    }
    return z.NEVER;
  });

/** @returns null for a connection without TLS. An API key is never sent without it. */
export function readTls(env: {
  TEMPORAL_TLS: boolean;
  TEMPORAL_TLS_CA: string;
  TEMPORAL_TLS_CERT: string;
  TEMPORAL_TLS_KEY: string;
  TEMPORAL_TLS_SERVER_NAME: string;
  TEMPORAL_API_KEY: string;
}): Tls | null {
  const tls = {
    ca: env.TEMPORAL_TLS_CA,
    cert: env.TEMPORAL_TLS_CERT,
    key: env.TEMPORAL_TLS_KEY,
    serverName: env.TEMPORAL_TLS_SERVER_NAME,
  };
  const isNamed = Object.values(tls).some((value) => value !== '');
  return env.TEMPORAL_TLS || env.TEMPORAL_API_KEY !== '' || isNamed ? tls : null;
}
