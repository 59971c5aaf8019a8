/** Values as OTLP writes them in JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */

type Value = string | number | boolean | null | undefined;
type AttributeValue = { stringValue: string } | { boolValue: boolean } | { intValue: string } | { doubleValue: number };

/** Members that are null or undefined are left out. */
export const toAttributes = (values: { [key: string]: Value }): { key: string; value: AttributeValue }[] =>
  Object.entries(values).flatMap(([key, value]) =>
    value === null || value === undefined ? [] : [{ key, value: toValue(value) }],
  );

function toValue(value: string | number | boolean): AttributeValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** @param time ISO 8601, or Unix milliseconds */
export const toNanos = (time: string | number): string =>
  String(BigInt(typeof time === 'string' ? Date.parse(time) : Math.round(time)) * 1_000_000n);

export const toText = (value: unknown): string | undefined =>
  value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
