-- AlterTable
ALTER TABLE "CatalogTool" ADD COLUMN     "taskSupport" TEXT,
ADD COLUMN     "testCall" JSONB,
ADD COLUMN     "warnings" TEXT[] DEFAULT ARRAY[]::TEXT[];

ALTER TABLE "CatalogTool" ADD CONSTRAINT "CatalogTool_taskSupport_check"
  CHECK ("taskSupport" IN ('forbidden', 'optional', 'required'));

-- AlterTable
ALTER TABLE "Server" ADD COLUMN     "catalogReport" JSONB,
ADD COLUMN     "listedAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "SnapshotTool" (
    "orgId" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "tool" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SnapshotTool_pkey" PRIMARY KEY ("orgId","hash")
);

-- Snapshots refer to their tools from now on. Those that exist keep their content and their hash.
ALTER TABLE "CatalogSnapshot" ADD COLUMN     "toolHashes" TEXT[];

INSERT INTO "SnapshotTool" ("orgId", "hash", "tool", "createdAt")
SELECT s."orgId", encode(sha256(convert_to(t."tool"::text, 'UTF8')), 'hex'), t."tool", s."createdAt"
FROM "CatalogSnapshot" s, jsonb_array_elements(s."tools") AS t("tool")
ON CONFLICT DO NOTHING;

UPDATE "CatalogSnapshot" s SET "toolHashes" = ARRAY(
  SELECT encode(sha256(convert_to(t."tool"::text, 'UTF8')), 'hex') FROM jsonb_array_elements(s."tools") AS t("tool"));

ALTER TABLE "CatalogSnapshot" DROP COLUMN "tools";

-- Inserting the same tool again changes nothing and is allowed.
CREATE TRIGGER "SnapshotTool_guard" BEFORE UPDATE OR DELETE ON "SnapshotTool"
  FOR EACH ROW EXECUTE FUNCTION armature_refuse('what a run saw of the catalog is kept');
CREATE TRIGGER "SnapshotTool_truncate" BEFORE TRUNCATE ON "SnapshotTool"
  FOR EACH STATEMENT EXECUTE FUNCTION armature_refuse('what a run saw of the catalog is kept');
