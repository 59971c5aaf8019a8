#!/bin/sh
# Starts the server once Postgres accepts connections: without it the server would end, again and again.
set -eu
: "${TEMPORAL_CONFIG:=/etc/temporal/armature}"
: "${TEMPORAL_RUN:=/tmp}"
rm -f "$TEMPORAL_RUN/temporal.pid" "$TEMPORAL_RUN/failures"

until nc -z -w 2 "$SQL_HOST" "${SQL_PORT:-5432}"; do
  echo "Waiting for Postgres at $SQL_HOST:${SQL_PORT:-5432} ..."
  sleep 2
done
# For health.sh. The server becomes this process.
echo $$ >"$TEMPORAL_RUN/temporal.pid"
exec temporal-server --root "$TEMPORAL_CONFIG" --config . --env server --allow-no-auth start
