-- AlterTable
ALTER TABLE "Monitor" ADD COLUMN     "slug" TEXT NOT NULL DEFAULT "substring"((gen_random_uuid())::text, 1, 13);

-- AlterTable
ALTER TABLE "Workflow" ADD COLUMN     "slug" TEXT NOT NULL DEFAULT "substring"((gen_random_uuid())::text, 1, 13),
ADD COLUMN     "tags" TEXT[] DEFAULT ARRAY[]::TEXT[];

ALTER TABLE "Workflow" ADD CONSTRAINT "Workflow_slug_check" CHECK ("slug" ~ '^[a-z0-9][a-z0-9-]{0,59}$');
ALTER TABLE "Monitor" ADD CONSTRAINT "Monitor_slug_check" CHECK ("slug" ~ '^[a-z0-9][a-z0-9-]{0,59}$');
CREATE UNIQUE INDEX "Workflow_slug_key" ON "Workflow" ("orgId", "slug") WHERE "state" <> 'archived';
CREATE UNIQUE INDEX "Monitor_slug_key" ON "Monitor" ("orgId", "slug") WHERE "archivedAt" IS NULL;

-- What exists gets the slug of its name, as toSlug (domain/code/slug.ts) makes it; the next free number where it is taken.
CREATE FUNCTION armature_slug(name text, fallback text) RETURNS text
LANGUAGE sql
AS $$
  SELECT coalesce(nullif(rtrim(left(trim(both '-' from regexp_replace(regexp_replace(
    lower(normalize(name, NFKD)), '[\u0300-\u036f]', '', 'g'), '[^a-z0-9]+', '-', 'g')), 60), '-'), ''), fallback)
$$;
DO $$
DECLARE
  item record;
  base text;
  free text;
  number int;
BEGIN
  FOR item IN SELECT "id", "orgId", "name" FROM "Workflow" WHERE "state" <> 'archived' ORDER BY "orgId", "createdAt", "id" LOOP
    base := armature_slug(item."name", 'workflow');
    free := base;
    number := 1;
    WHILE EXISTS (SELECT FROM "Workflow" WHERE "orgId" = item."orgId" AND "slug" = free AND "state" <> 'archived') LOOP
      number := number + 1;
      free := rtrim(left(base, 60 - length('-' || number)), '-') || '-' || number;
    END LOOP;
    UPDATE "Workflow" SET "slug" = free WHERE "id" = item."id";
  END LOOP;
  FOR item IN SELECT "id", "orgId", "name" FROM "Monitor" WHERE "archivedAt" IS NULL ORDER BY "orgId", "createdAt", "id" LOOP
    base := armature_slug(item."name", 'monitor');
    free := base;
    number := 1;
    WHILE EXISTS (SELECT FROM "Monitor" WHERE "orgId" = item."orgId" AND "slug" = free AND "archivedAt" IS NULL) LOOP
      number := number + 1;
      free := rtrim(left(base, 60 - length('-' || number)), '-') || '-' || number;
    END LOOP;
    UPDATE "Monitor" SET "slug" = free WHERE "id" = item."id";
  END LOOP;
END
$$;
DROP FUNCTION armature_slug(text, text);
