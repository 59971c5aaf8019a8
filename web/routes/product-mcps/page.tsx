import { Plug } from 'lucide-react';
import { Form, type MetaFunction, Outlet, redirect, useLoaderData, useLocation, useParams } from 'react-router';
import { ArmatureError } from '../../../domain/error/error.ts';
import { atLeast } from '../../../domain/role/role.ts';
import { listMembers } from '../../../services/member/list.ts';
import { archiveProduct } from '../../../services/product-mcp/archive.ts';
import { connectProductServer } from '../../../services/product-mcp/connect-server.ts';
import { getProduct } from '../../../services/product-mcp/get.ts';
import { setProductState } from '../../../services/product-mcp/set-state.ts';
import type { ProductView } from '../../../services/product-mcp/view.ts';
import { useActionData } from '../../shell/action-data.ts';
import { text } from '../../shell/form.ts';
import { useLive } from '../../shell/live/live.tsx';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Button } from '../../ui/base/button.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { StateLabel } from '../../ui/base/status-chip.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { ConfirmDialog } from '../../ui/overlay/confirm-dialog.tsx';
import { dangerItemClass } from '../../ui/overlay/menu.tsx';
import { Toast } from '../../ui/overlay/toast.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { ConnectServer } from './connect-server.tsx';
import { stateLabels } from './labels.ts';
import { SetupSteps } from './setup-steps.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `${loaderData?.product.name ?? 'Product MCP'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, org, params }) => {
  const { productMcp: product } = await getProduct(ctx, { productMcpId: params.productMcpId ?? '' });
  const mayConnect = atLeast(org.role, 'admin');
  const asks = product.state === 'active' && product.server === null && !mayConnect;
  const { members } = asks ? await listMembers(ctx, { limit: 200 }) : { members: [] };
  return {
    product,
    mayEdit: atLeast(org.role, 'editor') && !product.isArchived,
    mayConnect,
    admins: members.filter(({ role }) => atLeast(role, 'admin')).map(({ name }) => name),
  };
});

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const productMcpId = params.productMcpId ?? '';
  const intent = text(form, 'intent');
  switch (intent) {
    case 'activate':
    case 'pause':
      await setProductState(ctx, { productMcpId, state: intent === 'pause' ? 'paused' : 'active' });
      return { done: intent, at: Date.now() } as const;
    case 'connect': {
      const connected = await connectProductServer(ctx, { productMcpId, credential: text(form, 'credential') });
      return { connected };
    }
    case 'archive':
      await archiveProduct(ctx, { productMcpId });
      throw redirect(path('product-mcps'));
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

export default function ProductMcpPage() {
  const { product, mayEdit, mayConnect, admins } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const base = `/o/${useParams().org}`;
  const at = `${base}/product-mcps/${product.id}`;
  const { pathname } = useLocation();
  useLive(['product_mcp'], { id: product.id });
  return (
    <>
      <PageHeader
        icon={<Plug className="size-5" />}
        title={<span className="[overflow-wrap:anywhere]">{product.name}</span>}
        status={<StateLabel>{product.isArchived ? 'Archived' : stateLabels[product.state]}</StateLabel>}
        note={<span className="[overflow-wrap:anywhere]">{product.url}</span>}
        trail={[{ to: `${base}/product-mcps`, text: 'Product MCPs' }]}
        actions={mayEdit ? <StateButton product={product} action={at} /> : null}
        menu={
          mayEdit ? (
            <ConfirmDialog
              trigger={{ text: 'Archive', className: dangerItemClass }}
              title={`Archive ${product.name}?`}
              confirm="Archive Product MCP"
              action={at}
              fields={{ intent: 'archive' }}
            >
              <p>Its address stops working at once for all callers, and its slug is free again.</p>
            </ConfirmDialog>
          ) : null
        }
        tabs={[
          { to: at, text: 'Endpoint' },
          { to: `${at}/docs`, text: 'API docs' },
          { to: `${at}/tools`, text: 'Tools' },
          { to: `${at}/connection`, text: 'Connection' },
          { to: `${at}/usage`, text: 'Usage' },
        ]}
      />
      <div className="space-y-6">
        <ErrorSummary problem={answer && 'problem' in answer ? answer.problem : undefined} />
        {answer && 'done' in answer ? (
          <Toast
            key={answer.at}
            message={answer.done === 'pause' ? 'Paused. Callers get an error.' : 'Active. Agents can connect.'}
            {...(answer.done === 'pause' && { undo: { fields: { intent: 'activate' }, action: at } })}
          />
        ) : null}
        {answer && 'connected' in answer ? (
          <Notice tone="good" alert title="Connected as a server">
            {answer.connected.monitorCount} monitors and {answer.connected.workflowCount} workflows were created.
          </Notice>
        ) : null}
        {product.state === 'needs_setup' ? <SetupSteps product={product} at={at} /> : null}
        {product.state === 'active' && pathname === at ? (
          <ConnectServer product={product} mayConnect={mayConnect} admins={admins} at={at} base={base} />
        ) : null}
        <Outlet />
      </div>
    </>
  );
}

function StateButton({ product, action }: { product: ProductView; action: string }) {
  const isActive = product.state === 'active';
  const isReady = product.document !== null && product.connection !== null;
  if (product.state === 'needs_setup' && !isReady) return null;
  return (
    <Form method="post" action={action} preventScrollReset>
      <input type="hidden" name="intent" value={isActive ? 'pause' : 'activate'} />
      <Button variant={isActive ? 'plain' : 'primary'}>
        {isActive ? 'Pause' : product.state === 'paused' ? 'Resume' : 'Activate'}
      </Button>
    </Form>
  );
}
