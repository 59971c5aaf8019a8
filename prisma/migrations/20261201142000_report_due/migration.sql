-- AlterTable
ALTER TABLE "Server" ADD COLUMN     "reportDueAt" TIMESTAMPTZ(3),
ADD COLUMN     "tokensTriedAt" TIMESTAMPTZ(3);
