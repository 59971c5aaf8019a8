import type { CallOptions, Target } from '../ports.ts';

/** Lets a call begin when its server allows one more. @returns what `call` returns */
export type Gate = <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/**
 * The same target, with calls limited by the gate of its server.
 * @param assertCurrent called when the gate opens: a call that waited may be sent only while the attempt is current
 */
export function limitTarget(target: Target, gate: Gate, assertCurrent: () => void): Target {
  const limited = <T>({ signal, onSent }: CallOptions, call: () => Promise<T>): Promise<T> =>
    gate(() => {
      assertCurrent();
      onSent?.();
      return call();
    }, signal);
  return {
    ...target,
    callTool: (name, args, options) => limited(options, () => target.callTool(name, args, options)),
    listResources: (options) => limited(options, () => target.listResources(options)),
    readResource: (uri, options) => limited(options, () => target.readResource(uri, options)),
  };
}
