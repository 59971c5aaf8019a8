#!/bin/sh
# Creates both databases of Temporal, or updates their schemas for the version of the tool. Can be repeated.
# Reads SQL_HOST, SQL_PORT, SQL_USER and SQL_PASSWORD.
set -eu
export SQL_PLUGIN=postgres12

for store in temporal visibility; do
  SQL_DATABASE=temporal
  [ "$store" = temporal ] || SQL_DATABASE=temporal_visibility
  export SQL_DATABASE
  temporal-sql-tool create-database
  temporal-sql-tool setup-schema --version 0.0
  temporal-sql-tool update-schema --schema-name "postgresql/v12/$store"
done
echo "Both databases of Temporal have the schema of $(temporal-sql-tool --version)."
