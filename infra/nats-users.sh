#!/bin/sh
# Writes the users of a cluster for nats-server: who may say what, and hear what. Subjects alone pin who speaks as
# whom (shared/subjects.ts), so each slave and each principal is a user of its own.
#
#     sh nats-users.sh -c main -s "node-1 node-2" -f "batch wordcount" > /etc/proffer/nats-users.conf
#
# -c cluster (main), -s names of slaves, -f principals of frameworks.
set -euf

cluster=main slaves='node-1 node-2 node-3' frameworks='batch wordcount'
while getopts c:s:f: flag; do
  case $flag in
    c) cluster=$OPTARG ;;
    s) slaves=$OPTARG ;;
    f) frameworks=$OPTARG ;;
    *) echo "usage: $0 [-c cluster] [-s 'slave ...'] [-f 'principal ...']" >&2; exit 2 ;;
  esac
done

# A name as one token of a subject, as shared/subjects.ts writes it: `a.b` is `a=2Eb`.
token() {
  for byte in $(printf %s "$1" | od -An -v -tx1); do
    case $byte in
      2d | 5f | 3[0-9] | 4[1-9a-f] | 5[0-9a] | 6[1-9a-f] | 7[0-9a]) printf "\\$(printf %03o "0x$byte")" ;;
      *) printf '=%s' "$byte" | tr a-f A-F ;;
    esac
  done
}
# Neither variables nor inbox prefixes may hold a `=`.
word() { printf %s "$1" | tr = _; }
password() { printf '$PROFFER_%s_PASSWORD' "$(printf %s "$1" | tr a-z A-Z | tr -c 'A-Z0-9' _)"; }

# user NAME WHY; then `publish SUBJECT...` and `subscribe SUBJECT...`; `end`.
user() {
  printf '\n    # %s\n    {\n      user: "%s", password: %s\n      permissions: {\n' "$2" "$1" "$(password "$1")"
}
publish() { list publish "$@"; }
subscribe() { list subscribe "$@"; }
list() {
  printf '        %s: [\n' "$1"
  shift
  for subject in "$@"; do printf '          "%s"\n' "$subject"; done
  printf '        ]\n'
}
end() { printf '      }\n    }\n'; }

name=$(token "$cluster")
p=proffer.$name
# A bucket's name has no dots. Masters keep the lease, and who was admitted.
bucket=$(word "proffer-$name-leader") registry=$(word "proffer-$name-registry")
store=$(word "proffer-$name-store") leads=$(word "proffer-$name-schedulers")
stream=KV_$bucket admitted=KV_$registry
# What `proffer trace --keep` has the bus keep: steps show what tasks are given.
kept=PROFFER_${name}_trace
# Where `nats micro` asks for services. A `*` at the end would be one word too many: servers take `$SRV.>` for it.
services='$SRV.PING $SRV.INFO $SRV.STATS'

cat <<END
# Written by nats-users.sh, for cluster $cluster: to change it, run that again.
#
# A password comes from the variable that stands behind its user, in the environment of nats-server, which does not
# start while one is missing. An EMPTY variable is an empty password. Write digits alone in quotes ('"123456"').
# What \`nats server passwd\` makes (bcrypt) may stand there as well as the password itself.
#
# Answers come to an inbox of one's own, so that nobody reads another's: each names his with --inbox-prefix, or as
# inbox_prefix in a context of the nats command. It is the only subject with _INBOX that he may hear.
authorization {
  timeout: 5
  # Whoever is added here and given no permissions may do nothing.
  default_permissions: { publish: { deny: ">" }, subscribe: { deny: ">" } }
  users: [
END

user master "Masters, all with one user: the lease decides which of them leads. --inbox-prefix _INBOX.master"
publish \
  "$p.slave.*.*.*" \
  "$p.framework.*.*.*.*" \
  "$p.all.master.elected" \
  "$p.trace.master.*" \
  "$p.master.leader.ping" '_INBOX.master.>' \
  '_INBOX.slave.>' '_INBOX.framework.>' '_INBOX.operator.>' '_INBOX.watcher.>' \
  "\$JS.API.STREAM.INFO.$stream" "\$JS.API.STREAM.CREATE.$stream" "\$JS.API.STREAM.MSG.GET.$stream" \
  "\$JS.API.STREAM.INFO.$admitted" "\$JS.API.STREAM.CREATE.$admitted" "\$JS.API.STREAM.MSG.GET.$admitted" \
  "\$KV.$bucket.leader" "\$KV.$registry.*"
subscribe "$p.master.>" "$p.framework.*.*.status.update" "$p.all.>" '_INBOX.master.>' \
  $services '$SRV.*.proffer-master' '$SRV.*.proffer-master.>'
end

for slave in $slaves; do
  t=$(token "$slave")
  # A slave's own subject carries the id that the leader gave it, which nobody knows beforehand: it may hear what
  # is said to others, and cannot speak to the leader as another.
  user "slave-$t" "Slave $slave. --name $slave --inbox-prefix _INBOX.slave.$(word "$t")"
  publish \
    "$p.master.slave.$t.*.*" \
    "$p.framework.*.*.status.update" \
    "$p.executor.*.*.*.*" \
    "$p.trace.slave.$t" "$p.trace.executor.$t=2Ecommand" \
    '_INBOX.master.>' '_INBOX.framework.>' '_INBOX.operator.>' '_INBOX.watcher.>' '_INBOX.executor.>'
  subscribe "$p.slave.>" "$p.all.>" "_INBOX.slave.$(word "$t").>" \
    $services '$SRV.*.proffer-slave' '$SRV.*.proffer-slave.>'
  end
done

for framework in $frameworks; do
  t=$(token "$framework")
  user "framework-$t" "A framework's scheduler, principal $framework. --inbox-prefix _INBOX.framework.$(word "$t")"
  publish \
    "$p.master.framework.$t.*.*" \
    "$p.slave.*.framework.$t.*.*" \
    "$p.executor.*.*.framework.$t.framework.message" \
    "$p.framework.$t.*.leader.ping" "_INBOX.framework.$(word "$t").>" \
    "$p.trace.scheduler.$t"
  subscribe "$p.framework.$t.>" "$p.all.>" "_INBOX.framework.$(word "$t").>"
  end
done

user executor "Custom executors, of all frameworks: their ids are made as they start, so no user can be pinned to one. --inbox-prefix _INBOX.executor"
publish \
  "$p.slave.*.executor.*.*.*" \
  "$p.framework.*.*.executor.*.framework.message" \
  "$p.trace.executor.*"
subscribe "$p.executor.>" "$p.all.>" '_INBOX.executor.>'
end

user operator "An operator: asks all, kills, tears down, reads logs; \`proffer run\` speaks as a framework of his. --as operator --inbox-prefix _INBOX.operator"
publish \
  "$p.master.operator.operator.*.*" \
  "$p.slave.*.operator.operator.log.read" \
  "$p.all.watch.renew" \
  "$p.master.framework.operator.*.*" \
  "$p.slave.*.framework.operator.*.*" \
  "$p.trace.scheduler.operator" \
  "\$JS.API.STREAM.CREATE.$kept" "\$JS.API.STREAM.UPDATE.$kept" \
  "\$JS.API.STREAM.INFO.$kept" "\$JS.API.STREAM.MSG.GET.$kept" \
  '$SRV.>'
subscribe "$p.trace.>" "$p.framework.operator.>" "$p.all.>" '_INBOX.operator.>'
end

user watcher "Looks and changes nothing. Steps show what tasks are given, environment included. --as watcher --inbox-prefix _INBOX.watcher"
publish \
  "$p.master.operator.watcher.*.get" \
  "$p.master.operator.watcher.*.list" \
  "$p.master.operator.watcher.*.explain" \
  "$p.all.watch.renew" \
  "\$JS.API.STREAM.INFO.$kept" "\$JS.API.STREAM.MSG.GET.$kept" \
  '$SRV.>'
subscribe "$p.trace.>" '_INBOX.watcher.>'
end

cat <<END
  ]
}

# The store of the scheduler's door (\`scheduler.store()\`) is a bucket, closed to frameworks as all buckets are: a
# read of it cannot be confined to one's own keys, so that a framework with the store reads what others keep there.
# Where that is acceptable, add to a framework's publish list (its writes are confined, to its own name):
#   "\$JS.API.STREAM.INFO.KV_$store", "\$JS.API.STREAM.CREATE.KV_$store",
#   "\$JS.API.STREAM.MSG.GET.KV_$store", "\$KV.$store.<name of the framework>.>"
# Schedulers that stand by for one another keep their lease in a bucket of its own, in the same way:
#   "\$JS.API.STREAM.INFO.KV_$leads", "\$JS.API.STREAM.CREATE.KV_$leads",
#   "\$JS.API.STREAM.MSG.GET.KV_$leads", "\$KV.$leads.<principal>.<name of the framework>"
END
