-- CreateTable
CREATE TABLE "OfferedTools" (
    "orgId" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "names" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "OfferedTools_pkey" PRIMARY KEY ("orgId","hash")
);

-- Inserting the same names again changes nothing and is allowed. Events of earlier runs keep their names.
CREATE TRIGGER "OfferedTools_guard" BEFORE UPDATE OR DELETE ON "OfferedTools"
  FOR EACH ROW EXECUTE FUNCTION armature_refuse('what a run was offered is kept');
CREATE TRIGGER "OfferedTools_truncate" BEFORE TRUNCATE ON "OfferedTools"
  FOR EACH STATEMENT EXECUTE FUNCTION armature_refuse('what a run was offered is kept');
