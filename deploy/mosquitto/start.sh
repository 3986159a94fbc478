#!/bin/sh
# Start the broker on copies of what `soleus setup --stack` wrote: copies that only the broker's own user may read.
set -eu
secrets="${SECRETS:-/run/secrets}"
home="${MOSQUITTO_HOME:-/mosquitto}"
umask 077
mkdir -p "$home/run/conf.d"
cp "$secrets/mosquitto_passwd" "$home/run/passwd"
cp "$secrets/mosquitto_acl" "$home/run/acl"
# With certificates there are two listeners more.
rm -f "$home/run/conf.d/tls.conf"
if [ -s "$home/tls/server.key" ]; then
    cp "$home/tls/ca.crt" "$home/tls/server.crt" "$home/tls/server.key" "$home/run"
    cp "$home/config/tls.conf" "$home/run/conf.d"
fi
exec mosquitto -c "$home/config/mosquitto.conf"
