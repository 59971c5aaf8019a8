-- AlterTable
ALTER TABLE "ApiKey" ADD COLUMN     "clientId" TEXT;

-- CreateTable
CREATE TABLE "AuthorizationRecord" (
    "kind" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "keyId" TEXT,
    "payload" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "consumedAt" TIMESTAMPTZ(3),
    "expiresAt" TIMESTAMPTZ(3),

    CONSTRAINT "AuthorizationRecord_pkey" PRIMARY KEY ("kind","hash")
);

-- CreateIndex
CREATE INDEX "AuthorizationRecord_keyId_idx" ON "AuthorizationRecord"("keyId");

-- CreateIndex
CREATE INDEX "AuthorizationRecord_expiresAt_idx" ON "AuthorizationRecord"("expiresAt");

-- CreateIndex
CREATE INDEX "ApiKey_clientId_idx" ON "ApiKey"("clientId");

-- AddForeignKey
ALTER TABLE "AuthorizationRecord" ADD CONSTRAINT "AuthorizationRecord_keyId_fkey" FOREIGN KEY ("keyId") REFERENCES "ApiKey"("id") ON DELETE CASCADE ON UPDATE CASCADE;
