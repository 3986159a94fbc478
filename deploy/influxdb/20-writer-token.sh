#!/bin/sh
# A token for `soleus store` that may write to the bucket and nothing else: InfluxDB thinks of it, and says it only once.
# Runs when InfluxDB sets itself up; by hand it makes another one, should the first be lost:
#   docker compose exec influxdb sh /docker-entrypoint-initdb.d/20-writer-token.sh && docker compose restart store
set -eu
folder="${WRITER_TOKEN_FOLDER:-/writer-token}"
bucket="${DOCKER_INFLUXDB_INIT_BUCKET_ID:-$(influx bucket list --name "$DOCKER_INFLUXDB_INIT_BUCKET" --hide-headers | cut -f 1)}"
made="$(influx auth create \
    --org "$DOCKER_INFLUXDB_INIT_ORG" \
    --write-bucket "$bucket" \
    --description "soleus store" \
    --json)"
# One object, on one line or on many; the key "token" is in it once.
token="$(printf '%s\n' "$made" | sed -n 's/.*"token"[[:space:]]*:[[:space:]]*"\([A-Za-z0-9_=+/-]*\)".*/\1/p')"
case "$token" in
"" | *[!A-Za-z0-9_=+/-]*)
    # What it did say may hold the token, and this goes to a log.
    echo "influx auth create said no token that can be read, expected JSON with \"token\"" >&2
    exit 1
    ;;
esac
umask 022
printf '%s\n' "$token" >"$folder/token.new"
mv "$folder/token.new" "$folder/token"
