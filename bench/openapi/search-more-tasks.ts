import type { Task } from './search-tasks.ts';

const repo = '/repos/{owner}/{repo}';
const reader = '/v1/terminal/readers';

/** Written after the ranking, which has been improved by what they missed. */
export const moreTasks: { document: string; tasks: Task[] }[] = [
  {
    document: 'stripe.com.json',
    tasks: [
      ['void an invoice that was sent by mistake', 'POST /v1/invoices/{invoice}/void'],
      ['write off an invoice that nobody will ever pay', 'POST /v1/invoices/{invoice}/mark_uncollectible'],
      ['issue a credit note for an invoice', 'POST /v1/credit_notes'],
      ['resume a paused subscription', 'POST /v1/subscriptions/{subscription}/resume'],
      ['report metered usage', 'POST /v1/subscription_items/{subscription_item}/usage_records'],
      [
        'add a card to a fraud block list',
        'POST /v1/radar/value_list_items',
        'POST /v1/radar/value_lists/{value_list}',
      ],
      ['issue a virtual card to an employee', 'POST /v1/issuing/cards'],
      ['decline the authorization of a card', 'POST /v1/issuing/authorizations/{authorization}/decline'],
      ['verify the identity of a person by a document', 'POST /v1/identity/verification_sessions'],
      [
        'which payment methods has a customer saved',
        'GET /v1/customers/{customer}/payment_methods',
        'GET /v1/payment_methods',
      ],
      ['let customers manage their billing in a portal', 'POST /v1/billing_portal/sessions'],
      ['reverse a transfer to a connected account', 'POST /v1/transfers/{id}/reversals'],
      ['calculate the sales tax of an order', 'POST /v1/tax/calculations'],
      ['register a new card reader in our shop', `POST ${reader}`],
      ['show the amount on the screen of a card reader', `POST ${reader}/{reader}/set_reader_display`],
      ['upload a document as evidence', 'POST /v1/files'],
      ['top up our balance from the bank', 'POST /v1/topups'],
      ['what happened in the account lately', 'GET /v1/events', 'GET /v1/events/{id}'],
      ['create a promotion code for a coupon', 'POST /v1/promotion_codes'],
      ['cancel a payment that is not confirmed yet', 'POST /v1/payment_intents/{intent}/cancel'],
    ],
  },
  {
    document: 'api.github.com.json',
    tasks: [
      ['fork a repository', `POST ${repo}/forks`],
      ['delete a branch', `DELETE ${repo}/git/refs/{ref}`],
      ['protect the main branch', `PUT ${repo}/branches/{branch}/protection`, `POST ${repo}/rulesets`],
      ['who has starred a repository', `GET ${repo}/stargazers`],
      ['list the commits of a branch', `GET ${repo}/commits`],
      ['create a repository in an organization', 'POST /orgs/{org}/repos'],
      ['transfer a repository to another owner', `POST ${repo}/transfer`],
      ['download the logs of a workflow run', `GET ${repo}/actions/runs/{run_id}/logs`],
      ['cancel a running workflow', `POST ${repo}/actions/runs/{run_id}/cancel`],
      ['set a secret for the actions of a repository', `PUT ${repo}/actions/secrets/{secret_name}`],
      [
        'security alerts about vulnerable dependencies',
        `GET ${repo}/dependabot/alerts`,
        'GET /orgs/{org}/dependabot/alerts',
      ],
      ['give an issue a thumbs up', `POST ${repo}/issues/{issue_number}/reactions`],
      ['lock the conversation of an issue', `PUT ${repo}/issues/{issue_number}/lock`],
      ['share a snippet as a gist', 'POST /gists'],
      [
        'remove a member from an organization',
        'DELETE /orgs/{org}/members/{username}',
        'DELETE /orgs/{org}/memberships/{username}',
      ],
      ['in which languages is a repository written', `GET ${repo}/languages`],
      ['create a milestone', `POST ${repo}/milestones`],
      ['mark all notifications as read', 'PUT /notifications', `PUT ${repo}/notifications`],
      ['how many visitors looked at a repository', `GET ${repo}/traffic/views`],
      ['create a deployment to production', `POST ${repo}/deployments`],
    ],
  },
];
