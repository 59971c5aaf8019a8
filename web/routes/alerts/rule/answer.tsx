import { TextLink } from '../../../ui/base/button.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Toast } from '../../../ui/overlay/toast.tsx';
import type { Done } from './intents.server.ts';

/** Says what a rule's button did: with a way back for ten seconds, or with a link to the test that was sent. */
export function RuleAnswer({ answer, base }: { answer: Done | undefined; base: string }) {
  if (!answer) return null;
  if (answer.undo) return <Toast key={answer.key} message={answer.done} undo={{ fields: answer.undo }} />;
  return (
    <Notice tone="good" alert title={answer.done}>
      {answer.deliveryId ? (
        <TextLink to={`${base}/alerts/deliveries/${answer.deliveryId}`}>View the delivery</TextLink>
      ) : null}
    </Notice>
  );
}
