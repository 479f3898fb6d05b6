#!/usr/bin/env bash
# Makes debian:bookworm-slim from Debian's own packages, for machines that can't pull it, and imports it into the Docker Engine under
# that name. Needs root, mmdebstrap and curl. FUMEHOOD_DEBIAN_MIRROR names a mirror to use instead of Debian's default.
set -euo pipefail

readonly suite=bookworm
readonly tag="$suite-slim"
readonly socket="${FUMEHOOD_DOCKER_SOCKET:-/var/run/docker.sock}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
readonly archive="$work/rootfs.tar"

# $1 is for mmdebstrap's own shell.
# shellcheck disable=SC2016
options=(
  --variant=minbase
  # Without these, a package that only merges /usr would bring all of Perl with it.
  --include=usr-is-merged
  --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr
  --aptopt='Acquire::Languages "none"'
  --aptopt='APT::Install-Recommends "false"'
  # The same that the official slim image leaves out. dpkg keeps these rules, so they hold for what is installed later, too.
  --dpkgopt='path-exclude=/usr/share/doc/*'
  --dpkgopt='path-include=/usr/share/doc/*/copyright'
  --dpkgopt='path-exclude=/usr/share/info/*'
  --dpkgopt='path-exclude=/usr/share/lintian/*'
  --dpkgopt='path-exclude=/usr/share/locale/*'
  --dpkgopt='path-exclude=/usr/share/man/*'
  # Of this machine, and nobody else's business.
  --customize-hook='echo localhost > "$1/etc/hostname"; : > "$1/etc/resolv.conf"'
)
mmdebstrap "${options[@]}" "$suite" "$archive" ${FUMEHOOD_DEBIAN_MIRROR:+"$FUMEHOOD_DEBIAN_MIRROR"}

changes=$(printf '%s' 'CMD ["bash"]' | sed 's/ /%20/g; s/\[/%5B/g; s/\]/%5D/g; s/"/%22/g')
answer=$(curl --silent --show-error --fail-with-body --unix-socket "$socket" -X POST -H 'Content-Type: application/x-tar' \
  --upload-file "$archive" "http://docker/images/create?fromSrc=-&repo=debian&tag=$tag&changes=$changes")
if [[ $answer == *'"error"'* ]]; then
  echo "the engine did not import the base image: $answer" >&2
  exit 1
fi
echo "imported debian:$tag ($(du -m "$archive" | cut -f1) MiB)"
