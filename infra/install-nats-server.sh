#!/bin/sh
# Brings nats-server to a Debian or Ubuntu machine by apt-get, saying each step. Needs root, or sudo without a password.
set -eu

say() { printf 'install-nats-server: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }

PATH="$PATH:/usr/sbin:/usr/local/sbin"

if found=$(command -v nats-server); then
  say "$found is there already ($("$found" --version))"
  exit 0
fi

command -v apt-get >/dev/null || fail 'this machine has no apt-get; see https://docs.nats.io/running-a-nats-service/introduction/installation'

as_root=
if [ "$(id -u)" -ne 0 ]; then
  sudo -n true 2>/dev/null || fail 'needs root, or sudo without a password'
  as_root='sudo -n'
fi

run() { say "$*"; "$@"; }

export DEBIAN_FRONTEND=noninteractive
run $as_root apt-get update -q
run $as_root apt-get install -q -y --no-install-recommends nats-server

# The package starts a server of its own on port 4222. Proffer runs one itself, with its own store and port.
if command -v systemctl >/dev/null; then
  run $as_root systemctl disable nats-server.service || true
  [ ! -d /run/systemd/system ] || run $as_root systemctl stop nats-server.service || true
fi

say "$(command -v nats-server) is ready ($(nats-server --version))"
