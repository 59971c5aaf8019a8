import type { ReactNode } from 'react';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Code, ScrollBox } from '../../../ui/base/text.tsx';
import { CatalogReport } from './catalog-report.tsx';
import { type Failure, ServerWords } from './server-words.tsx';

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
        <p className="mt-1 text-xs">Failed after {format.duration(probe.latencyMs)}.</p>
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
