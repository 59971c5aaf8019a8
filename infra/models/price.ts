import type { TokenUsage } from '../../domain/run/run.ts';
import type { ModelConfig } from '../config/index.ts';

/** US dollars for this usage; null if the price is unknown. */
export function costOf(
  { inputPrice, outputPrice, cachedInputPrice = inputPrice }: ModelConfig,
  { input, output, cachedInput = 0 }: TokenUsage,
): number | null {
  if (inputPrice === undefined || outputPrice === undefined || cachedInputPrice === undefined) return null;
  const cached = Math.min(cachedInput, input);
  return ((input - cached) * inputPrice + cached * cachedInputPrice + output * outputPrice) / 1_000_000;
}
