-- CreateTable
CREATE TABLE "Invitation" (
    "id" UUID NOT NULL,
    "orgId" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "email" TEXT,
    "tokenHash" TEXT NOT NULL,
    "isSentByEmail" BOOLEAN NOT NULL DEFAULT false,
    "maxUses" INTEGER NOT NULL DEFAULT 1,
    "useCount" INTEGER NOT NULL DEFAULT 0,
    "createdById" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Invitation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Erasure" (
    "orgId" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "requestedById" TEXT NOT NULL,
    "requestedAt" TIMESTAMPTZ(3) NOT NULL,
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Erasure_pkey" PRIMARY KEY ("orgId")
);

-- CreateIndex
CREATE UNIQUE INDEX "Invitation_tokenHash_key" ON "Invitation"("tokenHash");

-- CreateIndex
CREATE INDEX "Invitation_orgId_createdAt_id_idx" ON "Invitation"("orgId", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Invitation_orgId_id_key" ON "Invitation"("orgId", "id");

-- CreateIndex
CREATE INDEX "Erasure_finishedAt_idx" ON "Erasure"("finishedAt");

-- CreateIndex
CREATE INDEX "AuditEvent_orgId_actorId_at_id_idx" ON "AuditEvent"("orgId", "actorId", "at", "id");

-- CreateIndex
CREATE INDEX "AuditEvent_orgId_action_at_id_idx" ON "AuditEvent"("orgId", "action", "at", "id");

-- AddForeignKey
ALTER TABLE "Invitation" ADD CONSTRAINT "Invitation_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "Organization"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma can't express

ALTER TABLE "Invitation"
  ADD CONSTRAINT "Invitation_role_check" CHECK ("role" IN ('viewer', 'editor', 'admin')),
  ADD CONSTRAINT "Invitation_uses_check" CHECK ("useCount" >= 0 AND "useCount" <= "maxUses" AND "maxUses" BETWEEN 1 AND 1000),
  ADD CONSTRAINT "Invitation_email_check" CHECK ("email" IS NULL OR "maxUses" = 1);

ALTER TABLE "AccountLink" DROP CONSTRAINT "AccountLink_purpose_check",
  ADD CONSTRAINT "AccountLink_purpose_check" CHECK ("purpose" IN ('verify_email', 'reset_password', 'change_email'));

-- ==== Exactly one owner ====

CREATE UNIQUE INDEX "Member_owner_key" ON "Member" ("orgId") WHERE "role" = 'owner';

-- Deferred, because a transfer demotes one owner before it promotes the next.
CREATE FUNCTION armature_check_owner() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
  IF EXISTS (SELECT FROM "Organization" WHERE "id" = OLD."orgId")
    AND NOT EXISTS (SELECT FROM "Member" WHERE "orgId" = OLD."orgId" AND "role" = 'owner')
    AND NOT EXISTS (SELECT FROM "Erasure" WHERE "orgId" = OLD."orgId")
  THEN
    RAISE EXCEPTION '% of "Member" is refused: organization % would have no owner', TG_OP, OLD."orgId"
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER "Member_owner" AFTER UPDATE OR DELETE ON "Member" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD."role" = 'owner') EXECUTE FUNCTION armature_check_owner();

-- ==== Erasure of an organization ====

-- Deletes rows of a table by their ids, and before them all rows that refer to them.
CREATE FUNCTION armature_erase_with_children(parent regclass, ids uuid[]) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  child record;
  deleted bigint;
  total bigint := 0;
BEGIN
  -- Foreign keys within an organization are (orgId, id).
  FOR child IN
    SELECT c.conrelid::regclass AS relation, a.attname AS name
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[cardinality(c.conkey)]
    WHERE c.contype = 'f' AND c.confrelid = parent AND c.conrelid <> parent AND c.conparentid = 0
  LOOP
    EXECUTE format('DELETE FROM %s WHERE %I = ANY ($1)', child.relation, child.name) USING ids;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    total := total + deleted;
  END LOOP;
  EXECUTE format('DELETE FROM %s WHERE "id" = ANY ($1)', parent) USING ids;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN total + deleted;
END
$$;
-- Without the rights of the owner the guards hold, so nobody but the function below can use it.
REVOKE EXECUTE ON FUNCTION armature_erase_with_children(regclass, uuid[]) FROM PUBLIC;

-- Deletes a part of an organization whose erasure was requested: what there may be many of, a few hundred at a time, at
-- last everything else and the organization itself. Returns how many rows it deleted; 0 when nothing is left.
CREATE FUNCTION armature_erase_organization(org uuid, many int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  parent text;
  ids uuid[];
  relations oid[];
  each oid;
  deleted bigint;
  total bigint := 0;
BEGIN
  IF NOT EXISTS (SELECT FROM "Erasure" WHERE "orgId" = org AND "finishedAt" IS NULL) THEN
    RAISE EXCEPTION 'the erasure of organization % was not requested', org USING ERRCODE = 'restrict_violation';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('erase ' || org, 0));

  UPDATE "Incident" SET "parentId" = NULL WHERE "orgId" = org AND "parentId" IS NOT NULL;
  FOREACH parent IN ARRAY ARRAY['Incident', 'Run', 'Monitor'] LOOP
    EXECUTE format('SELECT array(SELECT "id" FROM %I WHERE "orgId" = $1 LIMIT $2)', parent) INTO ids
      USING org, CASE parent WHEN 'Monitor' THEN 1 ELSE many END;
    IF cardinality(ids) > 0 THEN
      RETURN armature_erase_with_children(format('public.%I', parent)::regclass, ids);
    END IF;
  END LOOP;

  -- Of the other tables those first that no other one refers to.
  SELECT array_agg(c.oid) INTO relations
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'orgId' AND NOT a.attisdropped
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relname NOT IN ('Erasure', 'TraceEvent', 'ToolCall', 'CriterionResult', 'Check');
  WHILE cardinality(relations) > 0 LOOP
    SELECT r INTO each FROM unnest(relations) r WHERE NOT EXISTS (
      SELECT FROM pg_constraint WHERE contype = 'f' AND confrelid = r AND conrelid <> r AND conrelid = ANY (relations))
    LIMIT 1;
    EXECUTE format('DELETE FROM %s WHERE "orgId" = $1', each::regclass) USING org;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    total := total + deleted;
    relations := array_remove(relations, each);
  END LOOP;
  DELETE FROM "Organization" WHERE "id" = org;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN total + deleted;
END
$$;
