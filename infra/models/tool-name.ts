import { createHash } from 'node:crypto';

/**
 * The name under which a tool is offered to a provider. MCP allows names that chat completions refuse (dots, slashes, more than 64
 * characters); those get a readable one with a hash, the same each time.
 */
export function safeToolName(name: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 55)}_${hash}`;
}
