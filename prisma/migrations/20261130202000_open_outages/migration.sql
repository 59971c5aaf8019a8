ALTER TABLE "AlertSubject" DROP CONSTRAINT "AlertSubject_kind_check",
  ADD CONSTRAINT "AlertSubject_kind_check"
    CHECK ("kind" IN ('monitor', 'workflow', 'server', 'all_servers', 'tool_change', 'installation'));

ALTER TABLE "Incident" DROP CONSTRAINT "Incident_subjectKind_check",
  ADD CONSTRAINT "Incident_subjectKind_check"
    CHECK ("subjectKind" IN ('monitor', 'workflow', 'server', 'all_servers', 'tool_change', 'installation'));
