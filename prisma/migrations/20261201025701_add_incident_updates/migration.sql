-- AlterTable
ALTER TABLE "Incident" ADD COLUMN     "acknowledgedAt" TIMESTAMPTZ(3),
ADD COLUMN     "acknowledgedBy" TEXT,
ADD COLUMN     "assigneeId" TEXT;

-- CreateTable
CREATE TABLE "IncidentUpdate" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "incidentId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "text" TEXT,
    "assigneeId" TEXT,
    "createdBy" TEXT NOT NULL,

    CONSTRAINT "IncidentUpdate_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "IncidentUpdate_orgId_incidentId_at_id_idx" ON "IncidentUpdate"("orgId", "incidentId", "at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "IncidentUpdate_orgId_id_key" ON "IncidentUpdate"("orgId", "id");

-- AddForeignKey
ALTER TABLE "IncidentUpdate" ADD CONSTRAINT "IncidentUpdate_orgId_incidentId_fkey" FOREIGN KEY ("orgId", "incidentId") REFERENCES "Incident"("orgId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "IncidentUpdate"
  ADD CONSTRAINT "IncidentUpdate_kind_check" CHECK ("kind" IN ('acknowledged', 'unacknowledged', 'assigned', 'note')),
  ADD CONSTRAINT "IncidentUpdate_text_check" CHECK (("kind" = 'note') = ("text" IS NOT NULL));
