-- AlterTable
ALTER TABLE "Workflow" ADD COLUMN     "firesListedUntil" TIMESTAMPTZ(3);

-- Runs of older fire times may have been deleted after their retention.
UPDATE "Workflow" SET "firesListedUntil" = now();
