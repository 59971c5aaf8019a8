ALTER TABLE "Delivery" DROP CONSTRAINT "Delivery_kind_check",
  ADD CONSTRAINT "Delivery_kind_check"
    CHECK ("kind" IN ('opened', 'reminder', 'flapping', 'recovered', 'closed', 'test'));

ALTER TABLE "Incident" DROP CONSTRAINT "Incident_closeReason_check";
UPDATE "Incident" SET "closeReason" = 'deleted' WHERE "closeReason" = 'gone';
ALTER TABLE "Incident" ADD CONSTRAINT "Incident_closeReason_check"
  CHECK ("closeReason" IN ('recovered', 'accepted', 'paused', 'deleted', 'changed'));

-- What a rule has notified, and not yet closed: few of all that it ever notified.
CREATE INDEX "IncidentTelling_notified_idx" ON "IncidentTelling" ("ruleId") WHERE ("state"->'notified')::boolean;
