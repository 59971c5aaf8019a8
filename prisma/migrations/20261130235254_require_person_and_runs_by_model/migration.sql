-- AlterTable
ALTER TABLE "Organization" ADD COLUMN     "requirePersonToApply" BOOLEAN NOT NULL DEFAULT false;

-- CreateIndex
CREATE INDEX "Run_orgId_model_status_trigger_createdAt_id_idx" ON "Run"("orgId", "model", "status", "trigger", "createdAt", "id");

-- CreateIndex
CREATE INDEX "Run_orgId_workflowId_model_status_trigger_createdAt_id_idx" ON "Run"("orgId", "workflowId", "model", "status", "trigger", "createdAt", "id");
