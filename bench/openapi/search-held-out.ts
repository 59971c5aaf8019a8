import type { Task } from './search-tasks.ts';

const repo = '/repos/{owner}/{repo}';

/** Written last, from what operations are for. Nothing is tuned to these: what they miss stays missed. */
export const heldOut: { document: string; tasks: Task[] }[] = [
  {
    document: 'stripe.com.json',
    tasks: [
      ['list the charges of last week', 'GET /v1/charges'],
      ['delete a product', 'DELETE /v1/products/{id}'],
      ['add an item to an existing subscription', 'POST /v1/subscription_items'],
      ['which products do we sell', 'GET /v1/products'],
      ['finalize a draft invoice', 'POST /v1/invoices/{invoice}/finalize'],
      ['accept a quote', 'POST /v1/quotes/{quote}/accept'],
      ['reverse a payout', 'POST /v1/payouts/{payout}/reverse'],
      ['remove the discount of a customer', 'DELETE /v1/customers/{customer}/discount'],
      ['add a tax id to a customer', 'POST /v1/customers/{customer}/tax_ids'],
      [
        'look at a single transaction on our balance',
        'GET /v1/balance_transactions/{id}',
        'GET /v1/balance/history/{id}',
      ],
      ['onboard a connected account with a link', 'POST /v1/account_links'],
      ['confirm a payment intent', 'POST /v1/payment_intents/{intent}/confirm'],
      [
        'verify a bank account by micro-deposits',
        'POST /v1/customers/{customer}/bank_accounts/{id}/verify',
        'POST /v1/customers/{customer}/sources/{id}/verify',
        'POST /v1/payment_intents/{intent}/verify_microdeposits',
        'POST /v1/setup_intents/{intent}/verify_microdeposits',
      ],
      ['which line items were bought in a checkout', 'GET /v1/checkout/sessions/{session}/line_items'],
      ['run a financial report', 'POST /v1/reporting/report_runs'],
      ['define a tax rate of 19 percent', 'POST /v1/tax_rates'],
      ['set up a shipping rate', 'POST /v1/shipping_rates'],
      ['remove a webhook', 'DELETE /v1/webhook_endpoints/{webhook_endpoint}'],
      ['search for payments by metadata', 'GET /v1/payment_intents/search', 'GET /v1/charges/search'],
      ['refuse a connected account', 'POST /v1/accounts/{account}/reject'],
    ],
  },
  {
    document: 'api.github.com.json',
    tasks: [
      ['list open pull requests', `GET ${repo}/pulls`],
      ['create a pull request', `POST ${repo}/pulls`],
      ['change the title of a pull request', `PATCH ${repo}/pulls/{pull_number}`],
      ['get the readme of a repository', `GET ${repo}/readme`],
      ['what is the latest release', `GET ${repo}/releases/latest`],
      ['who contributed to this repository', `GET ${repo}/contributors`, `GET ${repo}/stats/contributors`],
      ['rename a branch', `POST ${repo}/branches/{branch}/rename`],
      ['replace the topics of a repository', `PUT ${repo}/topics`],
      ['archive or change the description of a repository', `PATCH ${repo}`],
      ['delete a repository', `DELETE ${repo}`],
      ['add a deploy key', `POST ${repo}/keys`],
      ['list the jobs of a workflow run', `GET ${repo}/actions/runs/{run_id}/jobs`],
      ['download an artifact of a build', `GET ${repo}/actions/artifacts/{artifact_id}/{archive_format}`],
      ['invite somebody to an organization', 'POST /orgs/{org}/invitations', 'PUT /orgs/{org}/memberships/{username}'],
      ['create a team', 'POST /orgs/{org}/teams'],
      ['block a user', 'PUT /user/blocks/{username}', 'PUT /orgs/{org}/blocks/{username}'],
      ['follow a user', 'PUT /user/following/{username}'],
      ['add a webhook to a repository', `POST ${repo}/hooks`],
      ['combined status of a commit', `GET ${repo}/commits/{ref}/status`],
      ['create a variable for workflows', `POST ${repo}/actions/variables`, 'POST /orgs/{org}/actions/variables'],
    ],
  },
];
