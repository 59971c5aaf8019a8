import { Form } from 'react-router';
import type { AlertConditions } from '../../../../domain/notification/rule.ts';
import { Badge } from '../../../ui/base/badge.tsx';
import { Button, LinkButton, TextLink } from '../../../ui/base/button.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { cellClass, Table } from '../../../ui/data/table.tsx';
import { ruleSentence, targetLabel } from './labels.ts';

type Rule = {
  id: string;
  name: string;
  target: { kind: string; id: string | null; name: string | null; isArchived: boolean };
  destination: { label: string; problem: string | null } | null;
  conditions: AlertConditions;
  state: 'watching' | 'paused';
  mutedUntil: string | null;
  lastFiredAt: string | null;
  isBuiltIn: boolean;
  isArchived: boolean;
};

export function RuleState({ rule }: { rule: Pick<Rule, 'state' | 'mutedUntil' | 'isArchived' | 'target'> }) {
  if (rule.isArchived) return <Badge>Deleted</Badge>;
  return (
    <span className="inline-flex flex-wrap gap-1.5">
      {rule.state === 'paused' ? <Badge tone="partial">Paused</Badge> : <Badge tone="pass">Active</Badge>}
      {rule.mutedUntil ? (
        <Badge tone="partial">
          Muted until <Time at={rule.mutedUntil} />
        </Badge>
      ) : null}
      {rule.target.isArchived ? <Badge tone="fail">Target deleted</Badge> : null}
    </span>
  );
}

/** The buttons of a rule: pause or resume, mute or unmute, test. */
export function RuleButtons({ rule, busy }: { rule: Rule; busy: boolean }) {
  const named = (what: string) => `${what}: ${rule.name}`;
  return (
    <Form method="post" action="?" preventScrollReset className="flex flex-wrap gap-2">
      <input type="hidden" name="ruleId" value={rule.id} />
      <input type="hidden" name="minutes" value="60" />
      <Button name="intent" value="test" disabled={busy || !rule.destination} aria-label={named('Send a test')}>
        Test
      </Button>
      {rule.mutedUntil ? (
        <Button name="intent" value="unmute" disabled={busy} aria-label={named('Unmute')}>
          Unmute
        </Button>
      ) : (
        <Button name="intent" value="mute" disabled={busy} aria-label={named('Mute 1 h')}>
          Mute 1 h
        </Button>
      )}
      {rule.state === 'paused' ? (
        <Button
          name="intent"
          value="resume"
          disabled={busy || !rule.destination}
          aria-label={named(rule.isBuiltIn ? 'Switch on' : 'Resume')}
        >
          {rule.isBuiltIn ? 'Switch on' : 'Resume'}
        </Button>
      ) : (
        <Button name="intent" value="pause" disabled={busy} aria-label={named('Pause')}>
          Pause
        </Button>
      )}
    </Form>
  );
}

/** @param base path of the workspace */
export function RuleTable({
  rules,
  base,
  mayEdit,
  busy,
}: {
  rules: Rule[];
  base: string;
  mayEdit: boolean;
  busy: boolean;
}) {
  return (
    <Table label="Alert rules" head={['Rule', 'Destination', 'State', 'Last fired', ...(mayEdit ? ['Actions'] : [])]}>
      {rules.map((rule) => (
        <tr key={rule.id} className="hover:bg-sunken/60">
          <td className={cellClass}>
            <TextLink to={`${base}/alerts/rules/${rule.id}`} className="font-medium">
              {rule.name}
            </TextLink>
            {rule.isBuiltIn ? null : <p className="max-w-sm">{targetLabel(rule.target)}</p>}
            <p className="line-clamp-2 max-w-sm text-xs text-muted">
              {ruleSentence({ ...rule, to: rule.destination?.label ?? null })}
            </p>
          </td>
          <td className={`${cellClass} max-w-48`}>
            {rule.destination?.label ?? <span className="text-muted">No destination</span>}
            {rule.destination?.problem ? <p className="mt-1 text-xs text-partial">{rule.destination.problem}</p> : null}
          </td>
          <td className={cellClass}>
            <RuleState rule={rule} />
          </td>
          <td className={cellClass}>
            {rule.lastFiredAt ? <Time at={rule.lastFiredAt} relative /> : <span className="text-muted">Never</span>}
          </td>
          {mayEdit ? (
            <td className={cellClass}>
              <div className="flex flex-wrap gap-2">
                <RuleButtons rule={rule} busy={busy} />
                {rule.isBuiltIn ? null : (
                  <LinkButton to={`?delete=${rule.id}#delete`} variant="danger" aria-label={`Delete: ${rule.name}`}>
                    Delete
                  </LinkButton>
                )}
              </div>
            </td>
          ) : null}
        </tr>
      ))}
    </Table>
  );
}

export function ConfirmDeleteRule({ rule, keep }: { rule: { id: string; name: string }; keep: string }) {
  return (
    <section id="delete" aria-labelledby="delete-title" className="rounded-lg border border-fail/50 bg-surface p-4">
      <h2 id="delete-title" className="font-semibold text-fail">
        Delete the rule “{rule.name}”?
      </h2>
      <p className="mt-1">It sends no more notifications, not even for open incidents. Its deliveries stay readable.</p>
      <Form method="post" action="?" className="mt-3 flex gap-2">
        <input type="hidden" name="ruleId" value={rule.id} />
        <Button variant="danger" name="intent" value="delete">
          Delete rule
        </Button>
        <LinkButton to={keep}>Cancel</LinkButton>
      </Form>
    </section>
  );
}
