#!/bin/sh
# Whether a master, or a slave, does its work: somebody leads; with a slave's NATS user, the leader holds that slave
# for active. Asked as the watcher, who may change nothing.
set -eu

watch() {
  proffer "$@" --json --as watcher --user watcher --password "$PROFFER_WATCHER_PASSWORD" --inbox-prefix _INBOX.watcher
}

case ${1:-} in
  slave-*)
    rows=$(watch slaves)
    printf %s "$rows" | node -e "
      const rows = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))
      const ours = rows.find(({ name }) => 'slave-' + name === process.argv[1])
      process.exit(ours?.state === 'active' ? 0 : 1)
    " "$1"
    ;;
  *) watch state >/dev/null ;;
esac
