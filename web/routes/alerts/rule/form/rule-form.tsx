import { useRef, useState } from 'react';
import type { DestinationTest } from '../../../../../services/destination/test.ts';
import { DraftForm } from '../../../../shell/draft/draft-form.tsx';
import type { Draft } from '../../../../shell/draft/use-draft.ts';
import { fieldProblem, type Problem } from '../../../../shell/problem.ts';
import { TextField } from '../../../../ui/form/field.tsx';
import { SaveBar } from '../../../../ui/form/save-bar.tsx';
import type { Choices } from '../choices.server.ts';
import { type Fields, fromForm, fromValues, targetField, toRuleInput } from '../fields.ts';
import { ruleSentence } from '../labels.ts';
import { ConditionsSection, RepeatSection, type Shown } from './conditions.tsx';
import { DestinationSection } from './destination.tsx';
import { Preview } from './preview.tsx';
import { TargetSection } from './target.tsx';

/**
 * The form of a rule, with a preview beside it that follows what is typed. Without JavaScript all fields are shown, and
 * those that don't apply to the choices are ignored.
 */
export function RuleForm({
  draft,
  stored,
  choices,
  isBuiltIn = false,
  switchesOn = false,
  problem,
  tested,
  base,
  save,
}: {
  draft: Draft;
  stored: Fields;
  choices: Choices;
  /** True for the built-in rule, whose target is fixed. */
  isBuiltIn?: boolean;
  /** Saving switches the rule on. */
  switchesOn?: boolean;
  problem: Problem | undefined;
  tested: DestinationTest | undefined;
  base: string;
  save: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState<Fields | null>(null);
  const [found, setFound] = useState<{ [id: string]: string }>({});
  const start = draft.values ? fromValues(draft.values) : stored;
  const now = typed ?? start;
  const { destination, conditions, target } = toRuleInput(now);
  const chosen = isBuiltIn ? 'installation' : now.get('targetKind');
  const kind = isBuiltIn ? 'installation' : chosen === '' ? '' : target.kind;
  const name = 'id' in target && target.id ? (nameOf(target.id, choices) ?? found[target.id] ?? null) : null;
  const to = receiver(destination, choices);
  // A moment later, since a choice of a list is in the form once it is rendered.
  const follow = () => {
    setTimeout(() => {
      const form = box.current?.closest('form');
      if (form) setTyped(fromForm(new FormData(form)));
    });
  };
  return (
    <DraftForm draft={draft} action="?">
      {switchesOn ? <input type="hidden" name="switchOn" value="on" /> : null}
      <div
        ref={box}
        onChange={follow}
        className="grid items-start gap-6 lg:grid-cols-[minmax(0,40rem)_minmax(16rem,20rem)]"
      >
        <div className="min-w-0 space-y-6">
          <TextField
            label="Name"
            name="name"
            required
            maxLength={100}
            placeholder="Search is down"
            autoComplete="off"
            defaultValue={start.get('name')}
            problem={fieldProblem(problem, 'name')}
            hint="Notifications start with this name."
          />
          {isBuiltIn ? null : (
            <TargetSection
              start={start}
              problem={problem}
              choices={choices}
              base={base}
              shows={(field) => targetField(chosen) === field}
              onPick={(id, text) => {
                setFound((before) => ({ ...before, [id]: text }));
                follow();
              }}
            />
          )}
          <ConditionsSection start={start} problem={problem} kind={kind} shown={listShown(kind)} />
          <DestinationSection
            start={start}
            problem={problem}
            choices={choices}
            base={base}
            shows={(each) => destination.kind === each}
          />
          <RepeatSection start={start} problem={problem} />
        </div>
        <Preview
          sentence={kind === '' ? 'Choose what to watch.' : ruleSentence({ target: { kind, name }, conditions, to })}
          ruleName={now.get('name')}
          target={{ kind, name }}
          to={to}
          tested={tested}
        />
      </div>
      <div className="mt-6">
        <SaveBar changes={draft.changes} onDiscard={draft.discard} save={save} />
      </div>
    </DraftForm>
  );
}

/** The conditions that a kind of target has. */
function listShown(kind: string): Shown {
  const isServer = kind === 'server' || kind === 'all_servers';
  const workflows = isServer || kind === 'workflow' || kind === 'all_workflows';
  const monitors = isServer || kind === 'monitor' || kind === 'all_monitors';
  return { workflows, monitors, threshold: workflows || monitors };
}

const nameOf = (id: string, { workflows, monitors, servers }: Choices): string | null =>
  [...workflows, ...monitors, ...servers].find((each) => each.id === id)?.name ?? null;

function receiver(
  destination: ReturnType<typeof toRuleInput>['destination'],
  { installations, webhooks }: Choices,
): string | null {
  switch (destination.kind) {
    case 'email':
      return destination.address || null;
    case 'webhook': {
      const webhook = webhooks.find(({ id }) => id === destination.webhookId);
      return webhook ? `webhook “${webhook.name}”` : null;
    }
    case 'slack': {
      const at = installations.find(({ id }) => id === destination.installationId);
      return destination.channel ? `${destination.channel}${at ? ` in ${at.teamName}` : ''}` : null;
    }
  }
}
