-- Searching runs by status and trigger, alone or within a workflow or server (services/run/reading/find.ts). A search that names one of the two
-- reads one range of such an index for each value of the other, so that each range is in order and holds nothing else.
CREATE INDEX "Run_orgId_status_trigger_createdAt_id_idx" ON "Run"("orgId", "status", "trigger", "createdAt", "id");
CREATE INDEX "Run_orgId_workflowId_status_trigger_createdAt_id_idx" ON "Run"("orgId", "workflowId", "status", "trigger", "createdAt", "id");
CREATE INDEX "Run_orgId_serverId_status_trigger_createdAt_id_idx" ON "Run"("orgId", "serverId", "status", "trigger", "createdAt", "id");
