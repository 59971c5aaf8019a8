-- AlterTable
ALTER TABLE "MonitorSchedule" ADD COLUMN     "recordedUntil" TIMESTAMPTZ(3);
