-- The runs of one dispatch, by its key; and the run list filtered by flag.
CREATE INDEX "Run_workflowId_idempotencyKey_idx" ON "Run"("workflowId", "idempotencyKey");
CREATE INDEX "Run_orgId_flagged_createdAt_id_idx" ON "Run"("orgId", "flagged", "createdAt", "id");
