import type { ReactNode } from 'react';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Code, RawText, ScrollBox } from '../../../ui/base/text.tsx';
import { CatalogReport } from './catalog-report.tsx';

type Probe =
  | {
      ok: true;
      server: { name: string; version: string };
      protocolVersion: string;
      latencyMs: number;
      tools: { name: string; description: string; warnings: string[] }[];
      catalog: Parameters<typeof CatalogReport>[0]['report'];
      hasResources: boolean;
    }
  | {
      ok: false;
      latencyMs: number;
      failure: Failure;
    };

/** The result of a probe, or its failure and remediation. The server's words are shown as text. */
export function ProbeResult({ probe, children }: { probe: Probe; children?: ReactNode }) {
  const format = useFormat();
  if (!probe.ok)
    return (
      <Notice tone="bad" alert title={probe.failure.message}>
        <p>{probe.failure.remediation}</p>
        <p className="mt-1 text-xs">
          {probe.failure.kind} after {format.duration(probe.latencyMs)}
        </p>
        <ServerWords details={probe.failure.details} />
        {children ? <div className="mt-3">{children}</div> : null}
      </Notice>
    );
  return (
    <Notice
      tone="good"
      alert
      title={`${probe.server.name} ${probe.server.version} answered in ${format.duration(probe.latencyMs)}.`}
    >
      <p>
        MCP {probe.protocolVersion} · {probe.tools.length} {probe.tools.length === 1 ? 'tool' : 'tools'}
        {probe.hasResources ? ' · resources' : ''}
      </p>
      <CatalogReport report={probe.catalog} tools={probe.tools} />
      {probe.tools.length > 0 ? (
        <ScrollBox label="Tools">
          <ul className="mt-2 grid gap-1 text-ink sm:grid-cols-2">
            {probe.tools.map(({ name, description }) => (
              <li key={name} className="min-w-0" title={description}>
                <span>
                  <Code>{name}</Code>
                </span>{' '}
                <span className="line-clamp-1 text-muted">{description}</span>
              </li>
            ))}
          </ul>
        </ScrollBox>
      ) : null}
      {children ? <div className="mt-3">{children}</div> : null}
    </Notice>
  );
}

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
