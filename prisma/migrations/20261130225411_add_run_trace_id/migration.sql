-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "traceId" TEXT;
