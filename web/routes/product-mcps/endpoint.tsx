import { Form, useLoaderData, useNavigation } from 'react-router';
import { describeSource } from '../../../domain/product-mcp/connection.ts';
import { atLeast } from '../../../domain/role/role.ts';
import { editProduct } from '../../../services/product-mcp/edit.ts';
import { getProduct } from '../../../services/product-mcp/get.ts';
import { useActionData } from '../../shell/action-data.ts';
import { kept, text } from '../../shell/form.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Button } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { DescriptionList } from '../../ui/base/description-list.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { SnippetTabs } from '../../ui/page/snippet-tabs.tsx';
import { EndpointFields } from './endpoint-fields.tsx';
import { toSnippets } from './snippets.ts';

export const loader = memberLoader(async ({ ctx, org, params }) => {
  const { productMcp: product } = await getProduct(ctx, { productMcpId: params.productMcpId ?? '' });
  return {
    product,
    mayEdit: atLeast(org.role, 'editor') && !product.isArchived,
    prefix: `${ctx.deps.config.url}/p/${org.slug}/`,
    howToSend: product.connection && describeSource(product.connection),
    snippets: product.connection ? toSnippets(product, product.connection) : null,
  };
});

export const action = memberAction(async ({ ctx, form, params }) => {
  await editProduct(ctx, {
    productMcpId: params.productMcpId ?? '',
    name: text(form, 'name'),
    slug: text(form, 'slug'),
    baseUrl: text(form, 'baseUrl'),
  });
  return { saved: true };
});

export default function Endpoint() {
  const { product, mayEdit, prefix, howToSend, snippets } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state === 'submitting';
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const values = answer && 'values' in answer ? answer.values : undefined;
  return (
    <>
      {snippets ? (
        <Card title="Connect an agent">
          <div className="space-y-4">
            <p className="max-w-prose text-muted">Each caller sends their own credential of the API as {howToSend}.</p>
            <SnippetTabs label="Replace CREDENTIAL" snippets={snippets} />
          </div>
        </Card>
      ) : null}
      <ErrorSummary problem={problem} />
      {answer && 'saved' in answer ? <Notice tone="good" alert title="Saved." /> : null}
      {mayEdit ? (
        <Card title="Address and API">
          <Form method="post" className="max-w-xl space-y-4">
            <EndpointFields
              values={{
                name: kept(values, 'name', product.name),
                slug: kept(values, 'slug', product.slug),
                baseUrl: kept(values, 'baseUrl', product.baseUrl),
              }}
              problem={problem}
              prefix={prefix}
            />
            <p className="text-muted">With another slug, the earlier address stops working.</p>
            <Button disabled={busy}>Save endpoint</Button>
          </Form>
        </Card>
      ) : (
        <Card title="Address and API">
          <DescriptionList facts={[{ term: 'Base URL of the API', value: product.baseUrl }]} />
        </Card>
      )}
      {product.hostUrl ? (
        <p className="text-muted [overflow-wrap:anywhere]">Also served at {product.hostUrl}.</p>
      ) : null}
    </>
  );
}
