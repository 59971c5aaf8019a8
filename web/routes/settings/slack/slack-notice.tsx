import { Notice } from '../../../ui/base/notice.tsx';

/** Messages for Slack's reasons why a workspace was not connected. */
const reasons: Record<string, string> = {
  bad_client_secret: 'SLACK_CLIENT_SECRET does not belong to the Slack app.',
  bad_redirect_uri: "The Slack app's redirect URL is not that of this installation.",
  invalid_client_id: 'SLACK_CLIENT_ID is not that of a Slack app.',
  invalid_code: 'It took too long, or was done twice.',
  code_already_used: 'It was done twice.',
};

/** The outcome of connecting Slack. `outcome` and `reason` are the query values `slack` and `reason`. */
export function SlackNotice({ outcome, reason }: { outcome: string | null; reason: string | null }) {
  switch (outcome) {
    case 'connected':
      return (
        <Notice tone="good" alert title="The Slack workspace is connected.">
          Rules can send to its channels now. For a private channel, invite the app to it first.
        </Notice>
      );
    case 'canceled':
      return <Notice alert title="Slack was not connected: it was canceled on Slack's page." />;
    case 'expired':
      return (
        <Notice tone="bad" alert title="Slack was not connected: that took too long, or was done already.">
          Press Connect Slack once more, and finish within ten minutes, in this browser.
        </Notice>
      );
    case 'refused':
      return (
        <Notice tone="bad" alert title="Slack did not connect the workspace.">
          {(reason !== null && reasons[reason]) || 'Try again; the log of the installation says more.'}
        </Notice>
      );
    default:
      return null;
  }
}
