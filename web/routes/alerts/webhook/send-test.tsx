import { Form, useNavigation } from 'react-router';
import { Button } from '../../../ui/base/button.tsx';

export function SendTest({ name }: { name: string }) {
  const { state, formData } = useNavigation();
  return (
    <Form method="post" action="?" preventScrollReset>
      <Button name="intent" value="test" disabled={state !== 'idle'} aria-label={`Send a test to ${name}`}>
        {state !== 'idle' && formData?.get('intent') === 'test' ? 'Sending …' : 'Send a test'}
      </Button>
    </Form>
  );
}
