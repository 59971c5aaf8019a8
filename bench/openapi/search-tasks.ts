/** What a person wants, in their words, and the operations that do it. */
export type Task = [wanted: string, ...keys: string[]];

const repo = '/repos/{owner}/{repo}';

export const tasks: { document: string; tasks: Task[] }[] = [
  {
    document: 'stripe.com.json',
    tasks: [
      [
        'give a buyer their money back',
        'POST /v1/refunds',
        'POST /v1/charges/{charge}/refund',
        'POST /v1/charges/{charge}/refunds',
      ],
      ['add a new customer', 'POST /v1/customers'],
      ['change the email address of a customer', 'POST /v1/customers/{customer}'],
      [
        'stop the subscription of a customer',
        'DELETE /v1/subscriptions/{subscription_exposed_id}',
        'DELETE /v1/customers/{customer}/subscriptions/{subscription_exposed_id}',
      ],
      ['how much money is in our account right now', 'GET /v1/balance'],
      ['make a discount coupon of 20 percent', 'POST /v1/coupons'],
      ['send an invoice to the customer', 'POST /v1/invoices/{invoice}/send'],
      ['mark an invoice as paid', 'POST /v1/invoices/{invoice}/pay'],
      ['show all open disputes', 'GET /v1/disputes'],
      ['answer a chargeback with evidence', 'POST /v1/disputes/{dispute}'],
      ['transfer money to our bank account', 'POST /v1/payouts', 'POST /v1/transfers'],
      ['find customers by name', 'GET /v1/customers/search', 'GET /v1/customers'],
      ['start a checkout page for a purchase', 'POST /v1/checkout/sessions'],
      ['create a link that people can pay at', 'POST /v1/payment_links'],
      [
        'remove a saved card from a customer',
        'POST /v1/payment_methods/{payment_method}/detach',
        'DELETE /v1/customers/{customer}/sources/{id}',
        'DELETE /v1/customers/{customer}/cards/{id}',
      ],
      ['raise the price of a product', 'POST /v1/prices', 'POST /v1/prices/{price}'],
      [
        'take the money of an authorized payment',
        'POST /v1/payment_intents/{intent}/capture',
        'POST /v1/charges/{charge}/capture',
      ],
      ['preview what the next bill will be', 'GET /v1/invoices/upcoming', 'GET /v1/invoices/upcoming/lines'],
      ['register a webhook for payment events', 'POST /v1/webhook_endpoints'],
      ['download a quote as pdf', 'GET /v1/quotes/{quote}/pdf'],
    ],
  },
  {
    document: 'api.github.com.json',
    tasks: [
      ['open a bug report in a repository', `POST ${repo}/issues`],
      ['close an issue', `PATCH ${repo}/issues/{issue_number}`],
      ['reply to an issue', `POST ${repo}/issues/{issue_number}/comments`],
      [
        'put a label on an issue',
        `POST ${repo}/issues/{issue_number}/labels`,
        `PUT ${repo}/issues/{issue_number}/labels`,
      ],
      [
        'who should work on this issue: add an assignee',
        `POST ${repo}/issues/{issue_number}/assignees`,
        `PATCH ${repo}/issues/{issue_number}`,
      ],
      ['merge a pull request', `PUT ${repo}/pulls/{pull_number}/merge`],
      ['which files does a pull request change', `GET ${repo}/pulls/{pull_number}/files`],
      ['ask somebody to review my pull request', `POST ${repo}/pulls/{pull_number}/requested_reviewers`],
      [
        'approve a pull request',
        `POST ${repo}/pulls/{pull_number}/reviews`,
        `POST ${repo}/pulls/{pull_number}/reviews/{review_id}/events`,
      ],
      ['compare two branches', `GET ${repo}/compare/{basehead}`],
      ['read a file of the repository', `GET ${repo}/contents/{path}`],
      ['upload a new version of a file', `PUT ${repo}/contents/{path}`],
      [
        'run a failed build again',
        `POST ${repo}/actions/runs/{run_id}/rerun`,
        `POST ${repo}/actions/runs/{run_id}/rerun-failed-jobs`,
        `POST ${repo}/actions/jobs/{job_id}/rerun`,
      ],
      ['start a workflow by hand', `POST ${repo}/actions/workflows/{workflow_id}/dispatches`],
      ['publish a release', `POST ${repo}/releases`],
      ['give someone write access to my repository', `PUT ${repo}/collaborators/{username}`],
      ['list the people in my organization', 'GET /orgs/{org}/members'],
      [
        'add a person to a team',
        'PUT /orgs/{org}/teams/{team_slug}/memberships/{username}',
        'PUT /teams/{team_id}/memberships/{username}',
        'PUT /teams/{team_id}/members/{username}',
      ],
      ['search for code with a certain word', 'GET /search/code'],
      ['how many api calls do I have left', 'GET /rate_limit'],
    ],
  },
];
