import { cutMiddle } from '../values/cut.ts';
import type { Finding } from './rules.ts';

/** One exchange of a sign-in, without its secrets. */
export type TraceStep = {
  /** ISO 8601. */
  at: string;
  /** What it was for, as a verb phrase. */
  title: string;
  request: { method: string; url: string; parameters: { [name: string]: string } } | null;
  /** `headers`: those that rules are about. */
  answer: { status: number; headers: { [name: string]: string }; body: string } | null;
  /** Why there is no answer, or what is wrong with it. */
  problem: string | null;
  findings: Finding[];
};

const maxBody = 4000;
const masked = '[secret]';
const secretName = /token$|secret|assertion|^code$|code_verifier|password|^state$|private|^jwks?$|client_uri$/i;

/** Values of parameters and members that are secret by their name are replaced. */
const maskValue = (name: string, value: string): string =>
  secretName.test(name) && !/^(token_type|subject_token_type)$/.test(name) ? masked : value;

export const maskParameters = (parameters: Iterable<[string, string]>): { [name: string]: string } =>
  Object.fromEntries([...parameters].map(([name, value]) => [name, maskValue(name, value).slice(0, 500)]));

/** The address with its parameters, those that are secret masked. */
export function maskAddress(address: string): string {
  const url = new URL(address);
  url.search = new URLSearchParams(maskParameters(url.searchParams)).toString();
  return url.href.slice(0, 2000);
}

/** A body of JSON or a form, without the values that are secret by their names; the beginning of any other. */
export function maskBody(body: string, mask: (text: string) => string): string {
  const trimmed = body.trim();
  let shown: string;
  try {
    shown = JSON.stringify(maskJson(JSON.parse(trimmed), 0), null, 2);
  } catch {
    const isForm = /^[\w.-]+=[^\s<>]*$/.test(trimmed);
    shown = isForm ? new URLSearchParams(maskParameters(new URLSearchParams(trimmed))).toString() : trimmed;
  }
  return cutMiddle(mask(shown), maxBody).text;
}

function maskJson(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 20) return '[nested too deeply]';
  if (Array.isArray(value)) return value.slice(0, 200).map((item) => maskJson(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      typeof item === 'string' ? maskValue(name, item) : maskJson(item, depth + 1),
    ]),
  );
}
