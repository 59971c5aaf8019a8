import { describe, expect, it } from 'vitest';
import { localPath } from './local-path.ts';

describe('a way back after signing in', () => {
  it.each([
    ['/o/acme/runs?status=fail', '/o/acme/runs?status=fail'],
    ['/o/acme/runs/1#call-3', '/o/acme/runs/1#call-3'],
  ])('%s stays on this site', (text, path) => expect(localPath(text)).toBe(path));

  it.each([
    null,
    '',
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '/\t/evil.example/',
    '/.//evil.example',
    'javascript:alert(1)',
    'o/acme',
  ])('%j is refused', (text) => expect(localPath(text)).toBeNull());
});
