-- AlterTable
ALTER TABLE "MaintenanceWindow" ALTER COLUMN "serverId" DROP NOT NULL;

-- AddForeignKey
ALTER TABLE "MaintenanceWindow" ADD CONSTRAINT "MaintenanceWindow_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "AlertRule" DROP CONSTRAINT "AlertRule_targetKind_check";
ALTER TABLE "AlertRule" ADD CONSTRAINT "AlertRule_targetKind_check" CHECK ("targetKind" IN ('workflow', 'monitor', 'server',
  'all_workflows', 'all_monitors', 'all_servers', 'tool_changes', 'installation'));
