-- AlterTable
ALTER TABLE "StatusPage" ADD COLUMN     "displayNames" JSONB NOT NULL DEFAULT '{}';

-- A page without chosen servers showed all of them; now only chosen ones are shown.
UPDATE "StatusPage" p SET "serverIds" = ARRAY(SELECT "id" FROM "Server" s WHERE s."orgId" = p."orgId" AND s."archivedAt" IS NULL)
WHERE p."serverIds" = '{}';
