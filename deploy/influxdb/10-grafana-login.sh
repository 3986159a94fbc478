#!/bin/sh
# Runs once, when InfluxDB sets itself up: a login that may read the bucket and nothing else, for Grafana's InfluxQL.
# The database of InfluxQL is the bucket of the same name; InfluxDB 2 maps it by itself.
set -eu
influx v1 auth create \
    --org "$DOCKER_INFLUXDB_INIT_ORG" \
    --read-bucket "$DOCKER_INFLUXDB_INIT_BUCKET_ID" \
    --username grafana \
    --password "$(cat /run/secrets/influx_grafana)"
