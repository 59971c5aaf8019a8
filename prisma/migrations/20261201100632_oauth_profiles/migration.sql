-- CreateTable
CREATE TABLE "OAuthProfile" (
    "orgId" UUID NOT NULL,
    "authProfileId" UUID NOT NULL,
    "settings" JSONB NOT NULL,
    "issuer" TEXT,
    "clientIssuer" TEXT,
    "discovered" JSONB,
    "registeredRef" TEXT,
    "registeredIssuer" TEXT,
    "tokenRef" TEXT,
    "state" TEXT NOT NULL DEFAULT 'signed_out',
    "problem" JSONB,
    "actsAs" TEXT,
    "scope" TEXT,
    "neededScope" TEXT,
    "signedInAt" TIMESTAMPTZ(3),
    "tokenExpiresAt" TIMESTAMPTZ(3),
    "refreshAt" TIMESTAMPTZ(3),
    "endsAt" TIMESTAMPTZ(3),
    "noticedEndsAt" TIMESTAMPTZ(3),
    "leaseHolder" TEXT,
    "leaseUntil" TIMESTAMPTZ(3),

    CONSTRAINT "OAuthProfile_pkey" PRIMARY KEY ("orgId","authProfileId")
);

-- CreateTable
CREATE TABLE "OAuthSignIn" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "authProfileId" UUID NOT NULL,
    "userId" TEXT NOT NULL,
    "stateHash" TEXT NOT NULL,
    "sessionHash" TEXT NOT NULL,
    "sealed" BYTEA,
    "outcome" TEXT NOT NULL DEFAULT 'begun',
    "problem" JSONB,
    "trace" JSONB NOT NULL DEFAULT '[]',
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "OAuthSignIn_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "OAuthProfile_refreshAt_idx" ON "OAuthProfile"("refreshAt");

-- CreateIndex
CREATE UNIQUE INDEX "OAuthSignIn_stateHash_key" ON "OAuthSignIn"("stateHash");

-- CreateIndex
CREATE INDEX "OAuthSignIn_orgId_authProfileId_startedAt_idx" ON "OAuthSignIn"("orgId", "authProfileId", "startedAt");

-- CreateIndex
CREATE UNIQUE INDEX "OAuthSignIn_orgId_id_key" ON "OAuthSignIn"("orgId", "id");

-- AddForeignKey
ALTER TABLE "OAuthProfile" ADD CONSTRAINT "OAuthProfile_orgId_authProfileId_fkey" FOREIGN KEY ("orgId", "authProfileId") REFERENCES "AuthProfile"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "OAuthSignIn" ADD CONSTRAINT "OAuthSignIn_orgId_authProfileId_fkey" FOREIGN KEY ("orgId", "authProfileId") REFERENCES "AuthProfile"("orgId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "AuthProfile" DROP CONSTRAINT "AuthProfile_kind_check",
  ADD CONSTRAINT "AuthProfile_kind_check"
    CHECK ("kind" IN ('none', 'bearer', 'api_key_header', 'oauth_client_credentials', 'oauth_authorization_code'));
ALTER TABLE "OAuthProfile" ADD CONSTRAINT "OAuthProfile_state_check" CHECK ("state" IN ('signed_out', 'signed_in', 'ended'));
ALTER TABLE "OAuthSignIn" ADD CONSTRAINT "OAuthSignIn_outcome_check" CHECK ("outcome" IN ('begun', 'signed_in', 'failed'));

-- Pages of the server follow it (notify_live).
CALL armature_announce_changes('OAuthProfile', 'server', 'orgId', '', 'update');
