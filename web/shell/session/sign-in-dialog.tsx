import { useEffect } from 'react';
import { useFetcher } from 'react-router';
import { Button, TextLink } from '../../ui/base/button.tsx';
import { TextField } from '../../ui/form/field.tsx';
import { Dialog } from '../../ui/overlay/dialog.tsx';
import { useShell } from '../frame/shell-context.ts';
import type { Problem } from '../problem.ts';

type Answer = { problem?: Problem; isSignedIn?: boolean };

/** Signs the same person in again, without leaving the page. */
export default function SignInDialog({
  sendsForm,
  onClose,
  onSignedIn,
}: {
  sendsForm: boolean;
  onClose: () => void;
  onSignedIn: () => void;
}) {
  const { user } = useShell();
  const fetcher = useFetcher<Answer>();
  const busy = fetcher.state !== 'idle';
  const isSignedIn = fetcher.data?.isSignedIn === true && !busy;
  useEffect(() => {
    if (isSignedIn) onSignedIn();
  }, [isSignedIn, onSignedIn]);
  const problem = fetcher.data?.problem;
  return (
    <Dialog title="Your session has ended" onClose={onClose}>
      <p className="mt-2 text-muted">
        {sendsForm ? 'Sign in again, and your form is sent.' : 'Sign in again to continue.'} Nothing you typed is lost.
      </p>
      <fetcher.Form method="post" action="/sign-in" className="mt-4 space-y-4" noValidate>
        <input type="hidden" name="inPlace" value="1" />
        <TextField label="E-mail" name="email" type="email" autoComplete="username" readOnly value={user.email} />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          data-focus-first
          required
          problem={problem && `${problem.message} ${problem.remediation}`}
        />
        <div className="flex flex-wrap items-center justify-end gap-2">
          <TextLink to="/sign-in" target="_blank" className="mr-auto">
            Sign in another way
          </TextLink>
          <Button type="button" onClick={onClose}>
            Cancel
          </Button>
          <Button variant="primary" disabled={busy}>
            {busy ? 'Signing in …' : 'Sign in'}
          </Button>
        </div>
      </fetcher.Form>
    </Dialog>
  );
}
