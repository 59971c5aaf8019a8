-- AlterTable
ALTER TABLE "ModelProvider" ADD COLUMN     "queryNames" TEXT[] DEFAULT ARRAY[]::TEXT[];
