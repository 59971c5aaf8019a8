UPDATE "MonitorSchedule" SET "recordedUntil" = CURRENT_TIMESTAMP WHERE "recordedUntil" IS NULL;

-- AlterTable
ALTER TABLE "MonitorSchedule" ALTER COLUMN "recordedUntil" SET NOT NULL,
ALTER COLUMN "recordedUntil" SET DEFAULT CURRENT_TIMESTAMP;
