-- CreateTable
CREATE TABLE "ServerCoverage" (
    "orgId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "window" JSONB NOT NULL,
    "refreshedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ServerCoverage_pkey" PRIMARY KEY ("orgId","serverId")
);

-- AddForeignKey
ALTER TABLE "ServerCoverage" ADD CONSTRAINT "ServerCoverage_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;
