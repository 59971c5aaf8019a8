#!/bin/sh
# Whether the server answers, whatever its database does. Docker only marks what is unhealthy: a server that hasn't
# answered 12 times in a row is ended here, so that the restart policy starts it again.
set -eu
: "${TEMPORAL_RUN:=/tmp}"
failures=$TEMPORAL_RUN/failures

if wget -q -T 4 -O /dev/null "http://127.0.0.1:${TEMPORAL_HTTP_PORT:-7243}/api/v1/system-info"; then
  rm -f "$failures"
  exit 0
fi
# Without a server, start.sh still waits for Postgres.
[ -f "$TEMPORAL_RUN/temporal.pid" ] || exit 1
echo >>"$failures"
if [ "$(wc -l <"$failures")" -ge 12 ]; then
  rm "$failures"
  echo "Temporal hasn't answered 12 times in a row: it is ended, to be started again."
  kill -KILL "$(cat "$TEMPORAL_RUN/temporal.pid")"
fi
exit 1
