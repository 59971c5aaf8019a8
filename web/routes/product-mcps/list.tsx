import { type MetaFunction, useLoaderData, useParams } from 'react-router';
import { atLeast } from '../../../domain/role/role.ts';
import { listProducts } from '../../../services/product-mcp/list.ts';
import { useLive } from '../../shell/live/live.tsx';
import { query } from '../../shell/query.ts';
import { memberLoader } from '../../shell/route.server.ts';
import { LinkButton } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { StateLabel } from '../../ui/base/status-chip.tsx';
import { Time } from '../../ui/base/time.tsx';
import { DataTable } from '../../ui/data/data-table.tsx';
import { Pager } from '../../ui/data/pager.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { stateLabels } from './labels.ts';

export const meta: MetaFunction = () => [{ title: 'Product MCPs · Armature' }];

export const loader = memberLoader(async ({ ctx, org, url }) => {
  const { cursor } = query(url, ['cursor']);
  return {
    ...(await listProducts(ctx, { ...(cursor && { cursor }), limit: 25 })),
    mayEdit: atLeast(org.role, 'editor'),
  };
});

export default function ProductMcps() {
  const { productMcps, nextCursor, mayEdit } = useLoaderData<typeof loader>();
  useLive(['product_mcp']);
  const base = `/o/${useParams().org}`;
  const create = mayEdit ? (
    <LinkButton to={`${base}/product-mcps/new`} variant="primary">
      New Product MCP
    </LinkButton>
  ) : null;
  return (
    <>
      <PageHeader
        title="Product MCPs"
        note="HTTP APIs that this workspace publishes as MCP servers. Callers bring their own credential of the API."
        actions={productMcps.length > 0 ? create : null}
      />
      {productMcps.length === 0 ? (
        <EmptyState title="No Product MCPs yet" action={create}>
          Upload the OpenAPI document of your product, and any agent can use it as an MCP server.
        </EmptyState>
      ) : (
        <Card flush>
          <DataTable
            label="Product MCPs"
            rows={productMcps}
            rowKey={({ id }) => id}
            to={({ id }) => `${base}/product-mcps/${id}`}
            columns={[
              {
                key: 'state',
                head: 'State',
                phone: 'status',
                cell: ({ state }) => <StateLabel>{stateLabels[state]}</StateLabel>,
              },
              {
                key: 'name',
                head: 'Name',
                phone: 'title',
                cell: ({ name }) => <span className="[overflow-wrap:anywhere]">{name}</span>,
              },
              {
                key: 'url',
                head: 'Address',
                cell: ({ url }) => <span className="[overflow-wrap:anywhere]">{url}</span>,
              },
              {
                key: 'document',
                head: 'API docs',
                phone: 'none',
                cell: ({ document }) => (document ? `Version ${document.number}` : '–'),
              },
              {
                key: 'createdAt',
                head: 'Created',
                align: 'right',
                phone: 'none',
                cell: ({ createdAt }) => <Time at={createdAt} relative />,
              },
            ]}
          />
        </Card>
      )}
      <Pager nextCursor={nextCursor} />
    </>
  );
}
