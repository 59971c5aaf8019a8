-- CreateTable
CREATE TABLE "CallShare" (
    "orgId" UUID NOT NULL,
    "serverId" UUID NOT NULL,
    "processId" UUID NOT NULL,
    "wanted" INTEGER NOT NULL,
    "held" INTEGER NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CallShare_pkey" PRIMARY KEY ("orgId","serverId","processId")
);

-- CreateIndex
CREATE INDEX "CallShare_processId_idx" ON "CallShare"("processId");

-- AddForeignKey
ALTER TABLE "CallShare" ADD CONSTRAINT "CallShare_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;
