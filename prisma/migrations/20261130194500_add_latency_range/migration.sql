-- AlterTable
ALTER TABLE "CheckDay" ADD COLUMN     "maxMs" INTEGER,
ADD COLUMN     "minMs" INTEGER;

-- AlterTable
ALTER TABLE "CheckHour" ADD COLUMN     "maxMs" INTEGER,
ADD COLUMN     "minMs" INTEGER;
