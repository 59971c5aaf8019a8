-- AlterTable
ALTER TABLE "Delivery" ADD COLUMN     "retryUntil" TIMESTAMPTZ(3),
ADD COLUMN     "sequence" INTEGER;

UPDATE "Delivery" d SET "sequence" = n."sequence"
FROM (SELECT "id", row_number() OVER (PARTITION BY "ruleId", "incidentId" ORDER BY "createdAt", "id") AS "sequence"
  FROM "Delivery" WHERE "incidentId" IS NOT NULL) n
WHERE d."id" = n."id";

ALTER TABLE "Delivery" DROP CONSTRAINT "Delivery_state_check",
  ADD CONSTRAINT "Delivery_state_check"
    CHECK ("state" IN ('pending', 'delivered', 'outbox', 'unknown', 'failed', 'bounced', 'superseded'));
