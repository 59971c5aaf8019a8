import { useState } from 'react';
import { atLeast, type Role } from '../../../domain/role/role.ts';
import type { SetUp } from '../../../services/organization/home/get.ts';
import { Button, LinkButton } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { hideSteps } from './hidden-steps.ts';

type Step = { key: keyof SetUp; text: string; why: string; to: string; action: string; role: Role };

const steps: Step[] = [
  {
    key: 'server',
    text: 'Connect a server',
    why: 'Armature reads its tools, and tells you when they change.',
    to: 'servers/new',
    action: 'Connect server',
    role: 'admin',
  },
  {
    key: 'monitor',
    text: 'Add monitors',
    why: 'Direct calls of its tools, every minute to every hour.',
    to: 'monitors/new',
    action: 'Add monitors',
    role: 'editor',
  },
  {
    key: 'workflow',
    text: 'Draft a workflow',
    why: 'An agent does a task with the tools; criteria say what a good result is.',
    to: 'workflows/new',
    action: 'Create workflow',
    role: 'editor',
  },
  {
    key: 'passed',
    text: 'See a run pass',
    why: 'Run the workflow, and read what the agent did.',
    to: 'workflows',
    action: 'Open workflows',
    role: 'viewer',
  },
  {
    key: 'alert',
    text: 'Add an alert',
    why: 'By Slack, e-mail or webhook, when something breaks.',
    to: 'alerts/rules/new',
    action: 'Create rule',
    role: 'editor',
  },
  {
    key: 'apiKey',
    text: 'Connect your coding agent',
    why: 'With a key it finds what broke, and proposes the repair.',
    to: 'settings/keys',
    action: 'Create key',
    role: 'viewer',
  },
];

/** What a new workspace still has to do. */
export function FirstSteps({
  done,
  isHidden,
  role,
  slug,
}: {
  done: SetUp;
  /** By the cookie, when the page was loaded. */
  isHidden: boolean;
  role: Role;
  slug: string;
}) {
  const [hidden, setHidden] = useState(isHidden);
  const left = steps.filter(({ key }) => !done[key]);
  if (left.length === 0) return null;
  const hide = (next: boolean) => {
    setHidden(next);
    // biome-ignore lint/suspicious/noDocumentCookie: Safari and Firefox lack the Cookie Store API or got it late.
    document.cookie = hideSteps(slug, next);
  };
  if (hidden)
    return (
      <Button type="button" variant="quiet" onClick={() => hide(false)}>
        Show the first steps
      </Button>
    );
  const next = left.find((step) => atLeast(role, step.role));
  return (
    <Card
      title={`First steps: ${steps.length - left.length} of ${steps.length} done`}
      flush
      aside={
        <Button type="button" variant="quiet" onClick={() => hide(true)}>
          Hide
        </Button>
      }
    >
      <ol className="divide-y divide-line">
        {left.map((step) => (
          <li key={step.key} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
            <div className="min-w-0 flex-1 basis-48">
              <p className="font-medium">{step.text}</p>
              <p className="text-table text-muted">{step.why}</p>
            </div>
            {atLeast(role, step.role) ? (
              <LinkButton to={`/o/${slug}/${step.to}`} variant={step === next ? 'primary' : 'plain'}>
                {step.action}
              </LinkButton>
            ) : null}
          </li>
        ))}
      </ol>
    </Card>
  );
}
