import type { AlertMessage } from '../../domain/notification/message.ts';
import type {
  AlertConditions,
  DeliveryKind,
  DeliveryState,
  Destination,
  RuleTargetKind,
} from '../../domain/notification/rule.ts';
import type { WebhookView } from '../destination/webhook/view.ts';

/** Where a rule's messages go, for people. */
export type DestinationView = Destination & {
  /** Such as `#alerts in Acme`, `ada@example.com`, `webhook Pager`. */
  label: string;
  /** Why nothing can be delivered there at the moment, with what to do; null when all is well. */
  problem: string | null;
};

/** Times are ISO 8601. */
export type RuleView = {
  id: string;
  name: string;
  target: {
    kind: RuleTargetKind;
    id: string | null;
    /** Of the workflow, monitor or server; null for the kinds that name none. */
    name: string | null;
    /** The target was archived: the rule has nothing to watch. */
    isArchived: boolean;
  };
  /** Null: nobody is told yet (the built-in rule before somebody chooses). */
  destination: DestinationView | null;
  conditions: AlertConditions;
  state: 'watching' | 'paused';
  /** Null unless it is muted now. */
  mutedUntil: string | null;
  lastFiredAt: string | null;
  /** The rule on Armature itself, which every workspace has: it can't be deleted or given another target. */
  isBuiltIn: boolean;
  isArchived: boolean;
  createdAt: string;
};

export type DeliveryView = {
  id: string;
  ruleId: string;
  ruleName: string;
  /** Null for a test. */
  incidentId: string | null;
  kind: DeliveryKind;
  ordinal: number;
  destination: DestinationView;
  state: DeliveryState;
  /** Of this round. */
  attempts: number;
  /** One more than the times it was sent again by hand. */
  round: number;
  /** Why it is not delivered, or of a pending one why the latest attempt failed: one or two sentences. Untrusted in part. */
  error: string | null;
  title: string;
  subject: { kind: string; name: string };
  canRetry: boolean;
  createdAt: string;
  endedAt: string | null;
};

/** `html` is a whole document without scripts or remote images. */
export type RenderedEmail = { to: string; subject: string; text: string; html: string };

export type DeliveryDetail = DeliveryView & {
  message: AlertMessage;
  /** The provider's id of the message. */
  providerId: string | null;
  /** Null for other destinations. */
  email: RenderedEmail | null;
};

export type OutboxEntry = RenderedEmail & {
  deliveryId: string;
  ruleId: string;
  ruleName: string;
  kind: DeliveryKind;
  createdAt: string;
};

export type SlackInstallationView = {
  id: string;
  teamId: string;
  teamName: string;
  state: 'connected' | 'revoked';
  installedAt: string;
  revokedAt: string | null;
};

export type DestinationsView = {
  slack: {
    /** False: the installation has no Slack app yet. */
    configured: boolean;
    installations: SlackInstallationView[];
  };
  webhooks: WebhookView[];
  /** Not configured: e-mails go to the outbox. */
  email: { configured: boolean; from: string };
};
