import { createHash } from 'node:crypto';

/**
 * The name of a tool for a provider. MCP allows names that chat completions refuse (dots, slashes, more than 64
 * characters): these become a readable, stable name with a hash.
 */
export function safeToolName(name: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 55)}_${hash}`;
}
