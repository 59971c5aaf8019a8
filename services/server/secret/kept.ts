import type { FieldError } from '../../../domain/error/error.ts';
import type { EndpointAuth } from '../../../infra/mcp-target/index.ts';
import { validationError } from '../../context/errors.ts';
import type { StaticAuth } from '../schema.ts';
import type { ServerSecret } from '../secrets.ts';

/** An auth profile before an edit of its server. */
export type StoredProfile = {
  id: string;
  name: string;
  isDefault: boolean;
  secretRef: string | null;
  auth: EndpointAuth;
  /** False: its credential can't be read, and is empty here. */
  isReadable: boolean;
};

type Stored = {
  /** Null: it can't be read. */
  secret: ServerSecret | null;
  /** Of its values, also where they can't be read. */
  names: { headers: string[]; query: string[] };
};

/**
 * The values after an edit.
 * @param given.query null: the address was not edited. @param given.path null: the stored segment stays
 * @throws `validation_failed`
 */
export function mergeSecret(
  { secret, names }: Stored,
  given: {
    moved: boolean;
    headers: { [name: string]: string | null } | undefined;
    query: ServerSecret['query'] | null;
    path: (string | null)[];
  },
): ServerSecret {
  const problems: FieldError[] = [];
  const values = (field: 'headers' | 'query', wanted: { [name: string]: string | null }) =>
    Object.fromEntries(
      Object.entries(wanted).map(([name, value]) => {
        if (value !== null) return [name, value];
        const same = (other: string) => other.toLowerCase() === name.toLowerCase();
        const old = Object.entries(secret?.[field] ?? {}).find(([other]) => same(other))?.[1];
        const why = given.moved
          ? 'The address moved to another origin: type this value again.'
          : secret === null && names[field].some(same)
            ? "The stored value can't be read: type it again."
            : 'Type a value.';
        if (given.moved || old === undefined) problems.push({ field: `${field}.${name}`, message: why });
        return [name, old ?? ''];
      }),
    );
  const untouched = (kept: string[]) => Object.fromEntries(kept.map((name) => [name, null]));
  const emptied = (query: ServerSecret['query']) =>
    Object.fromEntries(
      // An empty value is kept as empty where none is stored, such as in "?debug".
      Object.entries(query).map(([name, value]) => [name, value === '' && names.query.includes(name) ? null : value]),
    );
  const merged = {
    headers: values('headers', given.headers ?? untouched(names.headers)),
    query: values('query', given.query === null ? untouched(names.query) : emptied(given.query)),
  };
  const path = given.path.map((segment, index) => {
    const old = secret?.path.length === given.path.length ? secret.path[index] : undefined;
    if (segment === null && (given.moved || old === undefined))
      problems.push({
        field: 'url',
        message: 'Enter the whole URL again, with the secret in place of "…", and mark it.',
      });
    return segment ?? old ?? '';
  });
  refuse(problems);
  return { ...merged, path };
}

/** The profiles with their credentials after an edit. @throws `validation_failed` */
export function mergeCredentials(
  profiles: readonly StoredProfile[],
  moved: boolean,
  credentials: { [id: string]: string },
): (StoredProfile & { isRetyped: boolean })[] {
  const problems: FieldError[] = [];
  const after = profiles.map((profile) => {
    const { id, name, auth, isDefault, isReadable } = profile;
    const typed = credentials[id];
    // The probe needs the default one.
    const isNeeded = moved || (isDefault && !isReadable);
    // Tokens are no credential that can be typed: they are dropped when the address moves.
    if (auth.kind === 'none' || auth.kind === 'oauth' || (typed === undefined && !isNeeded))
      return { ...profile, isRetyped: false };
    if (typed === undefined)
      problems.push({
        field: `credentials.${id}`,
        message: moved
          ? `The address moved to another origin: type the credential of "${name}" again.`
          : `The stored credential of "${name}" can't be read: type it again.`,
      });
    const value = typed ?? '';
    const changed: StaticAuth =
      auth.kind === 'bearer' ? { ...auth, token: value.trim().replace(/^bearer\s+/i, '') } : { ...auth, value };
    return { ...profile, auth: changed, isRetyped: true };
  });
  refuse(problems);
  return after;
}

/** @throws ArmatureError `validation_failed` where a secret has to be typed again. */
function refuse(fieldErrors: FieldError[]): void {
  if (fieldErrors.length > 0) throw validationError(fieldErrors, 'Type the secrets of the named fields again.');
}
