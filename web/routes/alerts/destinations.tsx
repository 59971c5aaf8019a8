import { Plus } from 'lucide-react';
import { type MetaFunction, useLoaderData, useParams } from 'react-router';
import { destination as destinationSchema } from '../../../domain/notification/rule.ts';
import { atLeast } from '../../../domain/role/role.ts';
import { listDestinations } from '../../../services/destination/list.ts';
import { listUsedDestinations } from '../../../services/destination/list-used.ts';
import { testDestination } from '../../../services/destination/test.ts';
import { useActionData } from '../../shell/action-data.ts';
import { text } from '../../shell/form.ts';
import { useLive } from '../../shell/live/live.tsx';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { DescriptionList } from '../../ui/base/description-list.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { Columns } from '../../ui/page/columns.tsx';
import { DestinationTable } from './destination-table.tsx';
import { AlertsHeader } from './header.tsx';
import { TestOutcome } from './test-outcome.tsx';

export const meta: MetaFunction = () => [{ title: 'Destinations · Alerts · Armature' }];

export const loader = memberLoader(async ({ ctx, org }) => {
  const [{ destinations }, { slack, webhooks, email }] = await Promise.all([
    listUsedDestinations(ctx, {}),
    listDestinations(ctx, {}),
  ]);
  const addresses = new Map(webhooks.map(({ id, url, problem }) => [id, { url, problem }]));
  return {
    destinations: destinations.map((each) => ({
      ...each,
      webhook: each.destination.kind === 'webhook' ? (addresses.get(each.destination.webhookId) ?? null) : null,
    })),
    email,
    slack: {
      configured: slack.configured,
      teams: slack.installations.filter(({ state }) => state === 'connected').map(({ teamName }) => teamName),
    },
    mayEdit: atLeast(org.role, 'editor'),
    mayConnect: atLeast(org.role, 'admin'),
  };
});

export const action = memberAction(async ({ ctx, form }) =>
  testDestination(ctx, { destination: destinationSchema.parse(JSON.parse(text(form, 'destination'))) }),
);

export default function Destinations() {
  const { destinations, mayEdit, mayConnect } = useLoaderData<typeof loader>();
  useLive(['alert_rule', 'delivery']);
  const answer = useActionData<typeof action>();
  const base = `/o/${useParams().org}`;
  const add = mayConnect ? (
    <LinkButton to="webhooks/new" variant="primary">
      <Plus aria-hidden="true" className="size-4" /> Add webhook
    </LinkButton>
  ) : null;
  return (
    <>
      <AlertsHeader note="Where notifications go, and what became of the last one." actions={add} />
      <Columns facts={<Connections base={base} />} isFactsLast>
        <ErrorSummary problem={answer && 'problem' in answer ? answer.problem : undefined} />
        <TestOutcome tested={answer && 'outcome' in answer ? answer : undefined} />
        {destinations.length > 0 ? (
          <Card flush>
            <DestinationTable destinations={destinations} base={base} mayEdit={mayEdit} mayConnect={mayConnect} />
          </Card>
        ) : (
          <EmptyState title="No destinations yet">
            The addresses and channels of your rules appear here. A webhook receives each alert as signed JSON, for
            pagers, chats and your own scripts.
          </EmptyState>
        )}
      </Columns>
    </>
  );
}

/** What the installation and the workspace have connected. */
function Connections({ base }: { base: string }) {
  const { email, slack } = useLoaderData<typeof loader>();
  return (
    <Card title="Connections">
      <DescriptionList
        facts={[
          {
            term: 'E-mail',
            value: email.configured ? (
              <>Sent from {email.from}</>
            ) : (
              <>
                Not set up: e-mails go to the <TextLink to={`${base}/alerts/outbox`}>outbox</TextLink>
              </>
            ),
          },
          {
            term: 'Slack',
            value: (
              <>
                {slack.teams.length > 0
                  ? slack.teams.join(', ')
                  : slack.configured
                    ? 'No workspace is connected'
                    : 'Not set up'}
                <span className="block font-normal">
                  <TextLink to={`${base}/settings/slack`}>Slack settings</TextLink>
                </span>
              </>
            ),
          },
        ]}
      />
    </Card>
  );
}
