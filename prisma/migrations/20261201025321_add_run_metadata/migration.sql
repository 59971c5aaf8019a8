-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "metadata" JSONB;

ALTER TABLE "Run" ADD CONSTRAINT "Run_metadata_check"
  CHECK (jsonb_typeof("metadata") = 'object' AND octet_length("metadata"::text) <= 2048) NOT VALID;
