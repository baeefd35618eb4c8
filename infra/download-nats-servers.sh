#!/usr/bin/env bash
# Brings nats-servers of other Debian suites beside the one that is installed, so that tests can run against several
# versions. Installs nothing and needs no root: <folder>/<version>/nats-server. Does nothing where they are already.
#
#     export PROFFER_NATS_SERVERS=$(infra/download-nats-servers.sh <folder> [suite ...])
#
# Prints the paths with colons between; what it does it says on stderr. A suite that cannot be had is no failure.
set -euo pipefail

say() { printf 'download-nats-servers: %s\n' "$*" >&2; }

if [ $# -lt 1 ]; then
  say 'give the folder to bring them to, and suites of Debian where not trixie and sid'
  exit 2
fi
mkdir -p "$1"
target=$(cd "$1" && pwd)
shift
suites=("$@")
[ "${#suites[@]}" -gt 0 ] || suites=(trixie sid)

# Debian's own keys where the machine has them in one file; else whatever it trusts.
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || keyring=

# The mirror that apt uses here: where the main component of its own suite comes from.
mirror() {
  local codename
  codename=$(. /etc/os-release && [ "${ID:-}" = debian ] && printf '%s' "${VERSION_CODENAME:-}") || return 1
  apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v suite="$codename" '$1 == suite && $2 == "main" && !found { print $3; found = 1 } END { exit !found }'
}

# An apt with all its files in one folder, which knows nothing of what is installed. What apt is told of proxies holds
# here too.
apt_in() {
  local own=$1
  shift
  apt-get -q -o Dir::Etc::SourceList="$own/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
    -o Dir::State="$own/state" -o Dir::State::Status="$own/status" -o Dir::Cache="$own/cache" \
    -o APT::Sandbox::User="$(id -un)" -o APT::Update::Error-Mode=any \
    -o APT::Update::Pre-Invoke::= -o APT::Update::Post-Invoke::= -o APT::Update::Post-Invoke-Success::= \
    -o Acquire::Languages=none -o Acquire::Retries=1 -o Acquire::http::Timeout=15 "$@" >&2
}

# Signatures are apt's to verify: it refuses a suite whose keys the machine does not know.
bring() {
  local suite=$1 source=$2 own=$3 version
  mkdir -p "$own/state/lists/partial" "$own/cache/archives/partial" "$own/package" "$own/files"
  : >"$own/status"
  printf 'deb %s%s %s main\n' "${keyring:+[signed-by=$keyring] }" "$source" "$suite" >"$own/sources.list"
  apt_in "$own" update || return 1
  (cd "$own/package" && apt_in "$own" download nats-server) || return 1
  dpkg-deb -x "$own"/package/*.deb "$own/files" || return 1
  version=$("$own/files/usr/sbin/nats-server" --version | sed -n 's/^nats-server: v//p')
  [ -n "$version" ] || return 1
  mkdir -p "$target/$version" || return 1
  mv -f "$own/files/usr/sbin/nats-server" "$target/$version/nats-server" || return 1
  ln -sfn "$version" "$target/$suite"
}

work=
trap 'rm -rf "$work"' EXIT

brought=()
for suite in "${suites[@]}"; do
  if [ ! -x "$target/$suite/nats-server" ]; then
    if ! source=$(mirror); then
      say "$suite cannot be had: apt of this machine names no Debian mirror"
      continue
    fi
    say "nats-server of $suite"
    work=$(mktemp -d "$target/.apt-XXXXXX")
    if bring "$suite" "$source" "$work"; then
      rm -rf "$work"
    else
      rm -rf "$work"
      say "$suite cannot be had: see above"
      continue
    fi
  fi
  path=$target/$(readlink "$target/$suite")/nats-server
  # Two suites may carry the same version.
  [[ ":${brought[*]-}:" == *":$path:"* ]] || brought+=("$path")
done
(
  IFS=:
  printf '%s\n' "${brought[*]-}"
)
