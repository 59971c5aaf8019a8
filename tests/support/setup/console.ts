import { afterAll, afterEach, beforeEach } from 'vitest';

/**
 * A test fails on a `console.error` or an unhandled rejection that it did not expect. One that expects an error puts
 * its own spy on `console.error` and looks at it.
 */
const unexpected: string[] = [];

function record(...parts: unknown[]): void {
  unexpected.push(`console.error: ${parts.map(describe).join(' ')}`);
}

function describe(part: unknown): string {
  if (part instanceof Error) return part.stack ?? part.message;
  return typeof part === 'string' ? part : JSON.stringify(part);
}

function report(): void {
  const found = unexpected.splice(0);
  if (found.length > 0) throw new Error(`Unexpected:\n${found.join('\n')}`);
}

function recordRejection(reason: unknown): void {
  unexpected.push(`unhandled rejection: ${describe(reason)}`);
}

// A process runs many files, and each of them runs this one.
process.on('unhandledRejection', recordRejection);
beforeEach(() => {
  console.error = record;
});
afterEach(report);
afterAll(() => {
  process.off('unhandledRejection', recordRejection);
  report();
});
