import { Form, useNavigation } from 'react-router';
import type { ProductView } from '../../../services/product-mcp/view.ts';
import { Button, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { TextField } from '../../ui/form/field.tsx';

/** Connects a published server as one that is tested; an editor sees who can. */
export function ConnectServer({
  product,
  mayConnect,
  admins,
  at,
  base,
}: {
  product: ProductView;
  mayConnect: boolean;
  admins: string[];
  at: string;
  base: string;
}) {
  const busy = useNavigation().state === 'submitting';
  if (product.server)
    return (
      <p className="text-muted">
        Tested as the server{' '}
        <TextLink to={`${base}/servers/${product.server.id}`} className="[overflow-wrap:anywhere]">
          {product.server.name}
        </TextLink>
        .
      </p>
    );
  if (!mayConnect)
    return (
      <Notice title="Not tested yet">
        An admin can connect it as a server, with monitors and workflows: {admins.join(', ')}.
      </Notice>
    );
  return (
    <Card title="Test what you published">
      <Form method="post" action={at} className="max-w-xl space-y-4">
        <input type="hidden" name="intent" value="connect" />
        <p className="text-muted">
          Connects it as a server of this workspace: its catalog is checked every hour, and its read-only tools get
          monitors and starter workflows.
        </p>
        <TextField
          label="Credential for the tests"
          name="credential"
          type="password"
          required
          autoComplete="off"
          hint="As a caller sends it. Stored encrypted, and never shown again."
        />
        <Button disabled={busy}>{busy ? 'Connecting …' : 'Connect as a server'}</Button>
      </Form>
    </Card>
  );
}
