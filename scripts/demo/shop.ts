import type { SwitchPatch } from '../../examples/shop-server/switches.ts';
import type { Demo } from './fill.ts';

/** @throws Error with the shop's answer, if it refuses the switches. */
export async function setSwitches({ shop }: Demo, patch: SwitchPatch): Promise<void> {
  const answer = await fetch(shop.controlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(patch),
  });
  if (!answer.ok) throw new Error(`The example shop refused its switches: ${await answer.text()}`);
}
