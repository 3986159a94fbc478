#!/bin/sh
# Start the broker: users and passwords come from the secrets, one file per user, and are hashed before anyone reads them.
set -eu
secrets="${SECRETS:-/run/secrets}"
home="${MOSQUITTO_HOME:-/mosquitto}"
umask 077
mkdir -p "$home/run"
for user in collector store; do
    printf '%s:%s\n' "$user" "$(cat "$secrets/mqtt_$user")"
done > "$home/run/passwd"
mosquitto_passwd -U "$home/run/passwd"
cp "$home/config/acl" "$home/run/acl"
# Started by root, the broker gives its rights up, and has to read this as its own user.
[ "$(id -u)" != 0 ] || chown -R mosquitto "$home/run" "$home/data"
exec mosquitto -c "$home/config/mosquitto.conf"
