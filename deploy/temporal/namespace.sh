#!/bin/sh
# Creates the namespace unless it exists, and waits until it can be used. Can be repeated.
# Reads TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.
set -eu
: "${TEMPORAL_NAMESPACE:=default}"
export TEMPORAL_NAMESPACE

if ! temporal operator namespace describe >/dev/null 2>&1; then
  temporal operator namespace create --retention 7d >/dev/null
fi
# The server reads its list of namespaces again every few seconds.
tries=0
until temporal workflow count >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -ge 60 ]; then
    temporal workflow count
    exit 1
  fi
  sleep 1
done
echo "The namespace $TEMPORAL_NAMESPACE is ready."
