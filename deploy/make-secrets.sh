#!/bin/sh
# Make the passwords of docker-compose.yml once, in secrets/ beside it; files that exist are kept.
set -eu
cd "$(dirname "$0")/.."
umask 077
mkdir -p secrets
printf '*\n' > secrets/.gitignore
for name in mqtt_collector mqtt_store influx_password influx_token influx_grafana grafana_password; do
    [ -s "secrets/$name" ] || LC_ALL=C tr -dc 'A-Za-z0-9' < /dev/urandom | head -c 40 > "secrets/$name"
    # The folder is closed to others; the programs in the containers run as users of their own and read the file.
    chmod 644 "secrets/$name"
done
