// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how files refer to the environment.
/** Where in a file something is: `['workflows', 0, 'prompt']`. */
export type Place = readonly (string | number)[];

const reference = /(\$+)\{env\.(?:(\w+)\})?/g;

/** What belongs to a connection or a model provider may come from the environment; the text of a test may not. */
const mayRefer = ([first, second]: Place): boolean =>
  first === 'models' || (first === 'server' && (second === 'url' || second === 'headers' || second === 'auth'));

/**
 * Replaces `${env.NAME}` by the variable where a file may refer to one. Everywhere `$${env.NAME}` is the text
 * `${env.NAME}`.
 */
export function readEnvironment(
  root: unknown,
  env: { readonly [name: string]: string | undefined },
): { value: unknown; problems: { place: Place; message: string }[] } {
  const problems: { place: Place; message: string }[] = [];
  const readText = (text: string, place: Place): string =>
    text.replace(reference, (whole, dollars: string, name: string | undefined) => {
      if (dollars.length > 1) return whole.slice(1);
      const found = mayRefer(place) && name !== undefined ? env[name] : undefined;
      if (found === undefined)
        problems.push({
          place,
          message: mayRefer(place)
            ? name === undefined
              ? 'A reference is ${env.NAME}, with letters, digits and _ in its name.'
              : `The environment variable ${name} is not set.`
            : 'Variables are read in server.url, server.headers, server.auth and models only. Write $${env.… for the text itself.',
        });
      return found ?? whole;
    });
  return { value: mapTexts(root, readText), problems };
}

/** Writes texts so that `readEnvironment` reads them as they are. */
export const escapeEnvironment = (root: unknown): unknown =>
  mapTexts(root, (text) => text.replace(/\$+\{env\./g, (found) => `$${found}`));

function mapTexts(root: unknown, change: (text: string, place: Place) => string): unknown {
  const walk = (value: unknown, place: Place): unknown => {
    if (typeof value === 'string') return change(value, place);
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...place, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...place, key])]));
  };
  return walk(root, []);
}
