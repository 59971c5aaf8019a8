import { useNavigation } from 'react-router';
import type { DestinationTest } from '../../../../../services/destination/test.ts';
import { Button } from '../../../../ui/base/button.tsx';
import { TestOutcome } from '../../test-outcome.tsx';
import { sampleMessage } from './sample.ts';

/** Who gets what: the rule as a sentence, a message as it would send it, and a test of the destination. */
export function Preview({
  sentence,
  ruleName,
  target,
  to,
  tested,
}: {
  sentence: string;
  ruleName: string;
  target: { kind: string; name: string | null };
  /** Null while there is no destination. */
  to: string | null;
  tested: DestinationTest | undefined;
}) {
  const { state, formData } = useNavigation();
  const isTesting = state !== 'idle' && formData?.get('intent') === 'test';
  const { title, line } = sampleMessage(target);
  return (
    <aside aria-label="Preview" className="space-y-4 rounded-lg border border-line bg-surface p-4 lg:sticky lg:top-6">
      <h2 className="text-sm font-semibold">Who gets what</h2>
      <p aria-live="polite" data-sentence>
        {sentence}
      </p>
      <div data-verbatim className="space-y-2 border-line border-l-2 pl-3">
        <p className="text-xs text-muted">For example, to {to ?? 'nobody yet'}</p>
        <p className="font-medium">
          {ruleName || 'Name of the rule'}: {title}
        </p>
        <p className="font-mono text-code text-muted">{line}</p>
      </div>
      <div className="space-y-2">
        <Button name="intent" value="test" disabled={state !== 'idle'}>
          {isTesting ? 'Sending …' : 'Send a test'}
        </Button>
        <TestOutcome tested={tested} />
      </div>
    </aside>
  );
}
