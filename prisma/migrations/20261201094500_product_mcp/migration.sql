-- CreateTable
CREATE TABLE "ProductMcp" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "baseUrl" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'needs_setup',
    "mode" TEXT NOT NULL DEFAULT 'list',
    "selection" JSONB NOT NULL DEFAULT '{"kind": "all"}',
    "connection" JSONB,
    "pinnedOrigins" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "revision" INTEGER NOT NULL DEFAULT 1,
    "serverId" UUID,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archivedAt" TIMESTAMPTZ(3),

    CONSTRAINT "ProductMcp_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ProductMcpDocument" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "productMcpId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "isActive" BOOLEAN NOT NULL DEFAULT false,
    "content" BYTEA NOT NULL,
    "sizeBytes" INTEGER NOT NULL,
    "sha256" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "apiVersion" TEXT NOT NULL,
    "sourceUrl" TEXT,
    "report" JSONB NOT NULL,
    "operations" JSONB NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "activatedAt" TIMESTAMPTZ(3),

    CONSTRAINT "ProductMcpDocument_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ProductMcpTool" (
    "orgId" UUID NOT NULL,
    "productMcpId" UUID NOT NULL,
    "operation" TEXT NOT NULL,
    "pinnedName" TEXT,
    "name" TEXT,
    "description" TEXT,
    "isHidden" BOOLEAN NOT NULL DEFAULT false,
    "annotations" JSONB,

    CONSTRAINT "ProductMcpTool_pkey" PRIMARY KEY ("orgId","productMcpId","operation")
);

-- CreateTable
CREATE TABLE "ProductMcpUsage" (
    "orgId" UUID NOT NULL,
    "productMcpId" UUID NOT NULL,
    "tool" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "succeeded" INTEGER NOT NULL DEFAULT 0,
    "invalidArguments" INTEGER NOT NULL DEFAULT 0,
    "unauthorized" INTEGER NOT NULL DEFAULT 0,
    "rejected" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "totalMs" BIGINT NOT NULL DEFAULT 0,
    "maxMs" INTEGER NOT NULL DEFAULT 0,
    "totalBytes" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "ProductMcpUsage_pkey" PRIMARY KEY ("orgId","productMcpId","hour","tool")
);

-- CreateTable
CREATE TABLE "ProductMcpMistake" (
    "orgId" UUID NOT NULL,
    "productMcpId" UUID NOT NULL,
    "tool" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "rule" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "ProductMcpMistake_pkey" PRIMARY KEY ("orgId","productMcpId","day","tool","path","rule")
);

-- CreateIndex
CREATE INDEX "ProductMcp_orgId_createdAt_id_idx" ON "ProductMcp"("orgId", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "ProductMcp_orgId_id_key" ON "ProductMcp"("orgId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "ProductMcpDocument_orgId_id_key" ON "ProductMcpDocument"("orgId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "ProductMcpDocument_orgId_productMcpId_number_key" ON "ProductMcpDocument"("orgId", "productMcpId", "number");

-- CreateIndex
CREATE INDEX "ProductMcpUsage_hour_idx" ON "ProductMcpUsage"("hour");

-- CreateIndex
CREATE INDEX "ProductMcpMistake_day_idx" ON "ProductMcpMistake"("day");

-- AddForeignKey
ALTER TABLE "ProductMcp" ADD CONSTRAINT "ProductMcp_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ProductMcp" ADD CONSTRAINT "ProductMcp_orgId_serverId_fkey" FOREIGN KEY ("orgId", "serverId") REFERENCES "Server"("orgId", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "ProductMcpDocument" ADD CONSTRAINT "ProductMcpDocument_orgId_productMcpId_fkey" FOREIGN KEY ("orgId", "productMcpId") REFERENCES "ProductMcp"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ProductMcpTool" ADD CONSTRAINT "ProductMcpTool_orgId_productMcpId_fkey" FOREIGN KEY ("orgId", "productMcpId") REFERENCES "ProductMcp"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ProductMcpUsage" ADD CONSTRAINT "ProductMcpUsage_orgId_productMcpId_fkey" FOREIGN KEY ("orgId", "productMcpId") REFERENCES "ProductMcp"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ProductMcpMistake" ADD CONSTRAINT "ProductMcpMistake_orgId_productMcpId_fkey" FOREIGN KEY ("orgId", "productMcpId") REFERENCES "ProductMcp"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ==== What schema.prisma can't express ====

ALTER TABLE "ProductMcp"
  ADD CONSTRAINT "ProductMcp_state_check" CHECK ("state" IN ('needs_setup', 'active', 'paused')),
  ADD CONSTRAINT "ProductMcp_mode_check" CHECK ("mode" IN ('list', 'search')),
  ADD CONSTRAINT "ProductMcp_slug_check" CHECK ("slug" ~ '^[a-z0-9_-]{2,80}$'),
  ADD CONSTRAINT "ProductMcp_connection_check" CHECK ("state" = 'needs_setup' OR "connection" IS NOT NULL);
CREATE UNIQUE INDEX "ProductMcp_slug_key" ON "ProductMcp" ("orgId", "slug") WHERE "archivedAt" IS NULL;
CREATE TRIGGER "ProductMcp_key" BEFORE UPDATE OF "id", "orgId" ON "ProductMcp"
  FOR EACH ROW EXECUTE FUNCTION armature_guard_key();

-- The text is compressed already: compressing it again only costs time.
ALTER TABLE "ProductMcpDocument" ALTER COLUMN "content" SET STORAGE EXTERNAL;
ALTER TABLE "ProductMcpDocument"
  ADD CONSTRAINT "ProductMcpDocument_number_check" CHECK ("number" >= 1 AND "sizeBytes" >= 0);
CREATE UNIQUE INDEX "ProductMcpDocument_active_key" ON "ProductMcpDocument" ("orgId", "productMcpId") WHERE "isActive";

ALTER TABLE "ProductMcpMistake" ADD CONSTRAINT "ProductMcpMistake_count_check" CHECK ("count" >= 1);

CALL armature_announce_changes('ProductMcp', 'product_mcp', 'orgId', 'id', 'insert', 'update');
CALL armature_announce_changes('ProductMcpDocument', 'product_mcp', 'orgId', 'productMcpId', 'insert', 'update');
