import { RawText } from '../../../ui/base/text.tsx';

export type Failure = { kind: string; message: string; remediation: string; details: FailureDetails };
type FailureDetails = {
  status?: number | undefined;
  answer?: string | undefined;
  rpcCode?: number | undefined;
  rpcMessage?: string | undefined;
  wwwAuthenticate?:
    | { error?: string | undefined; errorDescription?: string | undefined; scope?: string | undefined }
    | undefined;
  location?: string | undefined;
  authorizationServer?: string | undefined;
};

/** What the server said when it failed, marked as its own words. Nothing when it said nothing. */
export function ServerWords({ details }: { details: FailureDetails }) {
  const { status, answer, rpcCode, rpcMessage, wwwAuthenticate: challenge, location, authorizationServer } = details;
  const rows: [string, string | number | undefined][] = [
    ['HTTP status', status],
    ['JSON-RPC error', [rpcCode, rpcMessage].filter((part) => part !== undefined).join(': ')],
    ['Error of WWW-Authenticate', challenge?.error],
    ['Its description', challenge?.errorDescription],
    ['Scope', challenge?.scope],
    ['Redirects to', location],
    ['Authorization server', authorizationServer],
  ];
  const said = rows.filter(([, value]) => value !== undefined && value !== '');
  const text = answer === rpcMessage ? undefined : answer;
  if (said.length === 0 && !text) return null;
  return (
    <section aria-label="What the server said" className="mt-3 rounded-md border border-line bg-surface p-3 text-ink">
      <p className="text-xs font-medium text-muted">What the server said</p>
      <dl className="mt-1 space-y-1">
        {said.map(([term, value]) => (
          <div key={term} className="min-w-0">
            <dt className="text-xs text-muted">{term}</dt>
            <dd className="[overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
      </dl>
      {text ? <RawText label="Answer of the server">{text}</RawText> : null}
    </section>
  );
}
