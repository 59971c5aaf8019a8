import { describe, expect, it } from 'vitest';
import { commonPasswords } from './common.ts';
import { checkPassword, minPasswordLength, passwordInput } from './policy.ts';

const owner = {
  name: 'Ada Lovelace',
  email: 'countess.ada@analytical-engines.example.com',
  organizationNames: ['Müller & Söhne', 'IBM', 'The Shop'],
};

describe('a password', () => {
  it.each([
    ['password123', /most common/],
    ['Password123!', /most common/],
    ['QWERTYUIOP', /most common/],
    ['aaaaaaaaaa', /most common/],
    ['xyxyxyxyxyxyxy', /repeats/],
    ['ada-likes-tests', /"ada"/],
    ['very-LOVELACE-99', /"lovelace"/],
    ['countess of tests', /"countess"/],
    ['analytical-machine', /"analytical"/],
    ['mu ller-of-berlin', /"muller"/],
    ['müller-of-berlin', /"muller"/],
    ['söhne-of-berlin', /"sohne"/],
    ['works-at-ibm-99', /"ibm"/],
    ['2024ada2024xyz', /"ada"/],
  ])('%s is refused', (password, message) => {
    expect(() => checkPassword(password, owner)).toThrowError(message);
  });

  it.each(['correct horse battery', 'com stands here alone', 'canada and the adapters', 'üüüüabcdefg'])(
    '%s is accepted',
    (password) => {
      expect(() => checkPassword(password, owner)).not.toThrow();
    },
  );

  it.each(['too-short', 'x'.repeat(257)])('is refused by its length: %#', (password) => {
    expect(passwordInput.safeParse(password).success).toBe(false);
  });

  it('is compared with thousands of common ones that are long enough', () => {
    expect(commonPasswords.size).toBeGreaterThanOrEqual(3000);
    for (const common of commonPasswords) {
      expect(common.length).toBeGreaterThanOrEqual(minPasswordLength);
      expect(common).toBe(common.toLowerCase());
    }
  });
});
