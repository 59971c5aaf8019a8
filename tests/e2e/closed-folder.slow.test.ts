import { afterEach, beforeEach, expect, it } from 'vitest';
import { legacy } from '../contract/mcp/endpoint.ts';
import { type Checkout, copyCheckout } from '../support/checkout.ts';

let checkout: Checkout;
beforeEach(async () => {
  checkout = await copyCheckout();
}, 120_000);
afterEach(() => checkout.remove());

it('npm start works in a folder that only its owner may enter, also for root, and finds its data again', async () => {
  const first = await checkout.npm(['start'], 'Armature is ready');
  await first.end();
  await checkout.npm(['start'], 'Armature is ready');
  const { apiKey } = await checkout.credentials();
  expect((await legacy(`http://127.0.0.1:${checkout.ports.PORT}/api/mcp`, apiKey, 'ping')).status).toBe(200);
});
