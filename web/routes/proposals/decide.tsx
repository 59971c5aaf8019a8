import { Form, useNavigation } from 'react-router';
import type { ProposalDetail } from '../../../services/proposal/get.ts';
import { Button } from '../../ui/base/button.tsx';
import { TextArea } from '../../ui/form/field.tsx';
import { Menu } from '../../ui/overlay/menu.tsx';

/** Buttons that apply an open proposal, or turn it down. @param props.isOwn withdrawing is what its author does */
export function Decide({ proposal, mayApply, isOwn }: { proposal: ProposalDetail; mayApply: boolean; isOwn: boolean }) {
  const isBusy = useNavigation().state !== 'idle';
  if (proposal.state !== 'open') return null;
  return (
    <>
      {mayApply && !proposal.stale ? (
        <Form method="post" className="flex flex-wrap gap-2">
          <Button variant="primary" name="intent" value="apply" disabled={isBusy}>
            {proposal.kind === 'workflow' ? 'Create workflow' : 'Apply change'}
          </Button>
          <Button name="intent" value="apply-and-run" disabled={isBusy}>
            {proposal.kind === 'workflow' ? 'Create and run' : 'Apply and run'}
          </Button>
        </Form>
      ) : null}
      {mayApply || isOwn ? (
        <Menu label={isOwn ? 'Withdraw …' : 'Reject …'} isWord>
          <Form method="post" className="w-80 max-w-[calc(100vw-2rem)] space-y-3 p-2">
            <TextArea
              label="Reason (optional)"
              name="reason"
              rows={3}
              maxLength={2000}
              hint="Whoever proposed it can read it."
            />
            <Button variant="danger" name="intent" value="reject" disabled={isBusy}>
              {isOwn ? 'Withdraw' : 'Reject'}
            </Button>
          </Form>
        </Menu>
      ) : null}
    </>
  );
}
