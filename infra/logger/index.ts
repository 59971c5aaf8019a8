import { type DestinationStream, type Logger, pino } from 'pino';
import { maskOwnKeys } from '../../domain/secret/own-key.ts';

export type { DestinationStream as LogStream, Logger } from 'pino';

/** Field names whose values are credentials (docs/security.md, "Redaction"). */
const sensitive = ['authorization', 'password', 'secret', 'token', 'apiKey', 'api_key', 'cookie', 'set-cookie'];

/**
 * Logs JSON to standard output (or `to`). Masks fields with credential-like names up to three levels deep, and
 * Armature's own API keys everywhere.
 * @param options.fields added to each line
 */
export function createLogger(options: {
  level: string;
  process: string;
  to?: DestinationStream;
  fields?: () => object;
}): Logger {
  const paths = sensitive.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);
  const settings = {
    level: options.level,
    base: { process: options.process },
    redact: { paths, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: { streamWrite: maskOwnKeys },
    ...(options.fields && { mixin: options.fields }),
  };
  return options.to ? pino(settings, options.to) : pino(settings);
}
