import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Field names whose values are credentials (docs/security.md, "Redaction"). */
const sensitive = ['authorization', 'password', 'secret', 'token', 'apiKey', 'api_key', 'cookie', 'set-cookie'];

/** Logs JSON to standard output (or `to`). Masks fields with credential-like names up to three levels deep. */
export function createLogger(options: { level: string; process: string; to?: DestinationStream }): Logger {
  const paths = sensitive.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);
  const settings = {
    level: options.level,
    base: { process: options.process },
    redact: { paths, censor: '[redacted]' },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return options.to ? pino(settings, options.to) : pino(settings);
}
