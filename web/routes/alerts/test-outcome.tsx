import type { DestinationTest } from '../../../services/destination/test.ts';
import { Notice } from '../../ui/base/notice.tsx';

/** What became of the test of a destination. */
export function TestOutcome({ tested }: { tested: DestinationTest | undefined }) {
  if (!tested) return null;
  const { outcome, label, message } = tested;
  switch (outcome) {
    case 'delivered':
      return (
        <Notice tone="good" alert title={`Delivered to ${label}.`}>
          Check that the test message arrived.
        </Notice>
      );
    case 'outbox':
      return (
        <Notice alert title="Nothing was sent.">
          {message}
        </Notice>
      );
    case 'failed':
      return (
        <Notice tone="bad" alert title={`The test to ${label} failed.`}>
          {message}
        </Notice>
      );
  }
}
