-- Changes are announced on the channel `armature_live` as `{org, topic, id}`, without content, so that pages can follow
-- them. Triggers do it, because no place that writes may forget it. Postgres sends the announcements of a transaction
-- when it commits, each once. Such commits take place one after the other, so what is written many times a second (the
-- trace of runs) is announced by the process that writes it, a few times a second (infra/live).

-- Announces the changed rows of a statement. Arguments: topic, then the columns of organization and id, each of which
-- may be empty. Where a statement changes many rows of an organization, one announcement without an id stands for them.
CREATE FUNCTION armature_announce() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  max_ids constant int := 10;
  org uuid;
  ids text[];
BEGIN
  FOR org, ids IN EXECUTE format(
    'SELECT org, array_agg(id) FROM (SELECT DISTINCT %s AS org, %s::text AS id FROM changed) AS subjects GROUP BY org',
    coalesce(quote_ident(nullif(TG_ARGV[1], '')), 'NULL::uuid'), coalesce(quote_ident(nullif(TG_ARGV[2], '')), 'NULL')
  ) LOOP
    IF cardinality(ids) > max_ids THEN ids := ARRAY[NULL]; END IF;
    PERFORM pg_notify('armature_live', json_strip_nulls(json_build_object('org', org, 'topic', TG_ARGV[0], 'id', id))::text)
    FROM unnest(ids) AS id;
  END LOOP;
  RETURN NULL;
END
$$;

-- Announces these operations on a table, by triggers that are called "<table>_live_<operation>".
CREATE PROCEDURE armature_announce_changes(table_name text, topic text, org text, id text, VARIADIC operations text[])
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
  operation text;
BEGIN
  FOREACH operation IN ARRAY operations LOOP
    EXECUTE format(
      'CREATE TRIGGER %I AFTER %s ON %I REFERENCING %s TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION armature_announce(%L, %L, %L)',
      table_name || '_live_' || operation, operation, table_name,
      CASE operation WHEN 'delete' THEN 'OLD' ELSE 'NEW' END, topic, org, id
    );
  END LOOP;
END
$$;

CALL armature_announce_changes('Run', 'run', 'orgId', 'id', 'insert');
CALL armature_announce_changes('SkippedRun', 'workflow', 'orgId', 'workflowId', 'insert');
CALL armature_announce_changes('Workflow', 'workflow', 'orgId', 'id', 'insert', 'update');
CALL armature_announce_changes('Proposal', 'proposal', 'orgId', 'id', 'insert', 'update');
CALL armature_announce_changes('Monitor', 'monitor', 'orgId', 'id', 'insert', 'update');
-- A check is written together with its monitor's health and its sums.
CALL armature_announce_changes('Check', 'monitor', 'orgId', 'monitorId', 'insert');
CALL armature_announce_changes('Server', 'server', 'orgId', 'id', 'insert', 'update');
CALL armature_announce_changes('AuthProfile', 'server', 'orgId', 'serverId', 'insert', 'update');
CALL armature_announce_changes('CatalogTool', 'server', 'orgId', 'serverId', 'insert', 'update');
CALL armature_announce_changes('MaintenanceWindow', 'server', 'orgId', 'serverId', 'insert', 'update', 'delete');
CALL armature_announce_changes('Incident', 'incident', 'orgId', 'id', 'insert', 'update');
CALL armature_announce_changes('AlertRule', 'alert_rule', 'orgId', 'id', 'insert', 'update');
CALL armature_announce_changes('Webhook', 'alert_rule', 'orgId', '', 'insert', 'update');
CALL armature_announce_changes('SlackInstallation', 'alert_rule', 'orgId', '', 'insert', 'update');
CALL armature_announce_changes('Delivery', 'delivery', 'orgId', 'id', 'insert', 'update');
CALL armature_announce_changes('Member', 'member', 'orgId', 'userId', 'insert', 'update', 'delete');
-- Ends the streams of that person.
CALL armature_announce_changes('Session', 'session', '', 'userId', 'delete');

-- A run's row is updated many times before it ends: only what a list shows counts.
CREATE FUNCTION armature_announce_run() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM pg_notify('armature_live', json_build_object('org', NEW."orgId", 'topic', 'run', 'id', NEW."id")::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER "Run_live_update" AFTER UPDATE ON "Run" FOR EACH ROW
  WHEN ((OLD."status", OLD."flagged", OLD."cancelRequestedBy") IS DISTINCT FROM (NEW."status", NEW."flagged", NEW."cancelRequestedBy"))
  EXECUTE FUNCTION armature_announce_run();
