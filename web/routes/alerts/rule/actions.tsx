import { Form, useNavigation } from 'react-router';
import { Button } from '../../../ui/base/button.tsx';
import { menuItemClass } from '../../../ui/overlay/menu.tsx';
import { span } from './labels.ts';

type Rule = {
  id: string;
  name: string;
  state: 'watching' | 'paused';
  mutedUntil: string | null;
  destination: { label: string } | null;
  isBuiltIn: boolean;
};

const muteFor = [60, 480, 1440, 10_080];

/** Mute, unmute, pause and resume, as items of a menu. @param props.action where the forms are sent */
export function RuleMenu({ rule, action }: { rule: Rule; action: string }) {
  const busy = useNavigation().state !== 'idle';
  const item = (intent: string, text: string, minutes?: number) => (
    <Form key={text} method="post" action={action} preventScrollReset>
      <input type="hidden" name="ruleId" value={rule.id} />
      {minutes === undefined ? null : <input type="hidden" name="minutes" value={minutes} />}
      <Button name="intent" value={intent} disabled={busy} unstyled={menuItemClass}>
        {text}
      </Button>
    </Form>
  );
  return (
    <>
      {rule.mutedUntil ? item('unmute', 'Unmute') : muteFor.map((each) => item('mute', `Mute for ${span(each)}`, each))}
      {rule.state === 'watching' ? item('pause', 'Pause') : null}
      {rule.state === 'paused' && rule.destination ? item('resume', rule.isBuiltIn ? 'Switch on' : 'Resume') : null}
    </>
  );
}

export function SendTest({ rule, action }: { rule: Rule; action: string }) {
  const { state, formData } = useNavigation();
  const isSending = state !== 'idle' && formData?.get('intent') === 'test' && formData.get('ruleId') === rule.id;
  return (
    <Form method="post" action={action} preventScrollReset>
      <input type="hidden" name="ruleId" value={rule.id} />
      <Button name="intent" value="test" disabled={state !== 'idle'} aria-label={`Send a test: ${rule.name}`}>
        {isSending ? 'Sending …' : 'Send a test'}
      </Button>
    </Form>
  );
}
