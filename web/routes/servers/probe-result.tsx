import type { ReactNode } from 'react';
import { Notice } from '../../ui/notice.tsx';
import { Code } from '../../ui/text.tsx';
import { duration } from '../../ui/time.tsx';

type Probe =
  | {
      ok: true;
      server: { name: string; version: string };
      protocolVersion: string;
      latencyMs: number;
      tools: { name: string; description?: string | undefined }[];
      hasResources: boolean;
    }
  | { ok: false; latencyMs: number; failure: { kind: string; message: string; remediation: string } };

/** The result of a probe, or its failure and remediation. The server's words are shown as text. */
export function ProbeResult({ probe, children }: { probe: Probe; children?: ReactNode }) {
  if (!probe.ok)
    return (
      <Notice tone="bad" alert title={probe.failure.message}>
        <p>{probe.failure.remediation}</p>
        <p className="mt-1 text-xs">
          {probe.failure.kind} after {duration(probe.latencyMs)}
        </p>
        {children ? <div className="mt-3">{children}</div> : null}
      </Notice>
    );
  return (
    <Notice
      tone="good"
      alert
      title={`${probe.server.name} ${probe.server.version} answered in ${duration(probe.latencyMs)}.`}
    >
      <p>
        MCP {probe.protocolVersion} · {probe.tools.length} {probe.tools.length === 1 ? 'tool' : 'tools'}
        {probe.hasResources ? ' · resources' : ''}
      </p>
      <ul className="mt-2 grid max-h-72 gap-1 overflow-auto text-ink sm:grid-cols-2">
        {probe.tools.map(({ name, description }) => (
          <li key={name} className="min-w-0 truncate" title={description}>
            <Code>{name}</Code> <span className="text-muted">{description}</span>
          </li>
        ))}
      </ul>
      {children ? <div className="mt-3">{children}</div> : null}
    </Notice>
  );
}
