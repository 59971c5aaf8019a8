import type { Role } from '../../domain/role/role.ts';
import type { Auth } from '../../infra/auth/index.ts';
import type { Authorization } from '../../infra/authorization/index.ts';
import type { Config } from '../../infra/config/index.ts';
import type { Db } from '../../infra/db/index.ts';
import type { Docs } from '../../infra/docs/index.ts';
import type { Email } from '../../infra/email/index.ts';
import type { InputSchemas, OutputSchemas } from '../../infra/json-schema/index.ts';
import type { Live } from '../../infra/live/index.ts';
import type { Logger } from '../../infra/logger/index.ts';
import type { McpTargets } from '../../infra/mcp-target/index.ts';
import type { Models } from '../../infra/models/index.ts';
import type { OAuth } from '../../infra/oauth/index.ts';
import type { Oidc } from '../../infra/oidc/index.ts';
import type { OpenApi } from '../../infra/openapi/index.ts';
import type { Outbound } from '../../infra/outbound/index.ts';
import type { Secrets } from '../../infra/secrets/index.ts';
import type { Slack } from '../../infra/slack/index.ts';
import type { Telemetry } from '../../infra/telemetry/index.ts';
import type { Temporal } from '../../infra/temporal/index.ts';
import type { Renewals } from '../auth-profile/oauth/renewals.ts';
import type { UsageRecorder } from '../product-mcp/usage/recorder.ts';
import type { SecurityLog } from '../security-event/log.ts';
import type { ServerGate } from '../server/gate/gate.ts';
import type { ProbeLimit } from './probe-limit.ts';

/** The dependencies of use cases, created once per process (services/context/deps.ts). */
export type Deps = {
  config: Config;
  log: Logger;
  telemetry: Telemetry;
  db: Db;
  secrets: Secrets;
  temporal: Temporal;
  live: Live;
  docs: Docs;
  outbound: Outbound;
  targets: McpTargets;
  oauth: OAuth;
  renewals: Renewals;
  auth: Auth;
  /** Null unless people may sign in at an OpenID provider. */
  oidc: Oidc | null;
  /** Null unless clients of `/api/mcp` may sign in by OAuth. */
  authorization: Authorization | null;
  gate: ServerGate;
  inputSchemas: InputSchemas;
  outputSchemas: OutputSchemas;
  openApi: OpenApi;
  productUsage: UsageRecorder;
  probes: ProbeLimit;
  models: Models;
  email: Email;
  slack: Slack;
  security: SecurityLog;
  now: () => Date;
};

/**
 * Who acts. A member's role is read at each request, an API key's is frozen. `system` is Armature itself: Temporal
 * activities and the first start, always on behalf of one organization. `visitor` has not signed in and belongs to
 * none.
 */
export type Actor =
  | { kind: 'member' | 'api_key' | 'slack'; id: string; orgId: string; role: Role }
  | { kind: 'system'; id: string; orgId: string }
  | { kind: 'visitor'; id: string };

/** `address`: the network address of a request. */
export type Context = { deps: Deps; actor: Actor; requestId: string; intent?: string; address?: string };
