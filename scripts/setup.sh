#!/usr/bin/env bash
# Sets up a fresh Debian or Ubuntu machine that has Node.js, npm and root (or sudo): packages, a Docker Engine, dependencies, the build,
# the images of the runtimes. Does only what is not done yet, so it can be run again at any time.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
cd "$root"

exec 9>"$state/run/setup.lock"
flock --exclusive 9

readonly engine_log="$state/logs/dockerd.log"
readonly base_image=debian:bookworm-slim
package_manager=$(node --print "require('./package.json').packageManager")
readonly package_manager
export TURBO_TELEMETRY_DISABLED=1 DO_NOT_TRACK=1 CI="${CI:-true}"
: >"$step_log"

pnpm() { npx --yes "$package_manager" "$@"; }

check_host() {
  local fault=''
  [[ $(uname -s) == Linux ]] || fault='Fumehood needs Linux.'
  node --eval 'const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' || fault="Node.js 20.19 or newer is needed, and this is $(node --version)."
  command -v npm >/dev/null || fault='npm is needed; it comes with Node.js.'
  ((EUID == 0)) || command -v sudo >/dev/null || fault='Root or sudo is needed to install packages.'
  if [[ -n $fault ]]; then
    echo "setup: $fault" >&2
    exit 1
  fi
}

# The Debian packages whose commands are not here.
missing_packages() {
  need() { [[ -e $1 ]] || command -v "$1" >/dev/null 2>&1 || PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1 || echo "$2"; }
  need curl curl
  # Without curl a socket is all that can be seen of an engine.
  if command -v curl >/dev/null; then engine_answers || need dockerd docker.io; else [[ -S $socket ]] || need dockerd docker.io; fi
  command -v valkey-server >/dev/null || need redis-server redis-server
  need crun crun
  need runc runc
  need gcc gcc
  need make make
  need /usr/include/stdio.h libc6-dev
  need ip iproute2
  need git git
  need /etc/ssl/certs/ca-certificates.crt ca-certificates
  if ! have_image "$base_image"; then
    need mmdebstrap mmdebstrap
    need /usr/share/keyrings/debian-archive-keyring.gpg debian-archive-keyring
  fi
  # Where the kernel has AppArmor on, the engine needs its parser.
  if [[ $(cat /sys/module/apparmor/parameters/enabled 2>/dev/null) == Y ]]; then need apparmor_parser apparmor; fi
}

install_packages() {
  local lock=(-o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  for attempt in 1 2 3; do
    as_root apt-get "${lock[@]}" update && break
    ((attempt < 3)) || return 1
    sleep 5
  done
  # No service is started by its package: the engine is started below, and every fleet starts a Redis of its own.
  local policy=/usr/sbin/policy-rc.d made='' status=0 had_redis
  had_redis=$(command -v redis-server || true)
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    made=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get "${lock[@]}" install -y --no-install-recommends "$@" || status=$?
  if [[ $made == yes ]]; then as_root rm -f "$policy"; fi
  if [[ -z $had_redis && -d /run/systemd/system ]]; then as_root systemctl disable redis-server.service || true; fi
  return "$status"
}

start_engine() {
  if [[ -d /run/systemd/system ]]; then
    as_root systemctl start docker.service
  else
    # Nothing has mounted control groups where no init system runs.
    if ! grep -q ' cgroup2\? ' /proc/mounts; then as_root mount -t cgroup2 cgroup2 /sys/fs/cgroup; fi
    as_root rm -f "$engine_pid_file"
    as_root setsid dockerd --host "unix://$socket" --pidfile "$engine_pid_file" >"$engine_log" 2>&1 9>&- &
  fi
  for _ in $(seq 600); do
    if engine_answers; then return 0; fi
    sleep 0.1
  done
  echo 'The Docker Engine did not answer within a minute. The end of its log:'
  if [[ -d /run/systemd/system ]]; then as_root journalctl --unit docker --lines 20 --no-pager; else tail -n 20 "$engine_log"; fi
  return 1
}

check_engine_access() {
  if engine_answers; then return 0; fi
  echo "setup: an engine may run, but $socket does not answer to $(id -un)." >&2
  echo "  Add yourself to its group with: sudo usermod -aG docker $(id -un), log in again, and run this again." >&2
  exit 1
}

have_image() { curl --silent --fail --max-time 10 --output /dev/null --unix-socket "$socket" "http://docker/images/$1/json" 2>/dev/null; }

make_base_image() {
  echo "pulling $base_image"
  curl --silent --show-error --max-time 300 --unix-socket "$socket" -X POST \
    "http://docker/images/create?fromImage=${base_image%:*}&tag=${base_image#*:}" || true
  if have_image "$base_image"; then return 0; fi
  echo "it can not be pulled here; making it from Debian's packages"
  as_root env ${FUMEHOOD_DEBIAN_MIRROR:+FUMEHOOD_DEBIAN_MIRROR="$FUMEHOOD_DEBIAN_MIRROR"} FUMEHOOD_DOCKER_SOCKET="$socket" infra/base-image/build.sh
}

# What was installed last: of which lock file and which manifests.
dependencies_digest() { cat pnpm-lock.yaml pnpm-workspace.yaml package.json {packages,apps}/*/package.json test/package.json | sha256sum; }

printf '%sSetting up Fumehood%s\n' "$bold" "$plain"
check_host

mapfile -t packages < <(missing_packages)
if ((${#packages[@]} == 0)); then
  note 'Debian packages' 'all there'
else
  step 'Debian packages' "Install these by hand, then run this again: ${packages[*]}" install_packages "${packages[@]}"
fi

if engine_answers; then
  note 'Docker Engine' 'answers'
else
  step 'Docker Engine' 'Start a Docker Engine (20.10 or newer), then run this again.' start_engine
  check_engine_access
fi

readonly installed="$state/run/dependencies.sha256"
if [[ -e node_modules/.modules.yaml && $(cat "$installed" 2>/dev/null) == "$(dependencies_digest)" ]]; then
  note 'npm packages' 'as in the lock file'
else
  step 'npm packages' 'The lines above say why; npm ping says whether the registry answers.' pnpm install --frozen-lockfile
  dependencies_digest >"$installed"
fi

step 'Build' 'Mend what the compiler says.' pnpm exec turbo run build --output-logs=errors-only

if have_image "$base_image"; then
  note 'Base image' "$base_image is there"
else
  step 'Base image' 'Check that apt-get update works, or load debian:bookworm-slim with docker load.' make_base_image
fi

step 'Runtime images' 'Try one by itself to see more: node apps/cli/dist/main.js image build python' node apps/cli/dist/main.js image build

printf '%sReady after %d s.%s\n' "$bold" "$SECONDS" "$plain"
if [[ -z ${FUMEHOOD_QUIET_END:-} ]]; then
  printf '\n  npm run demo                        see it work\n  node apps/cli/dist/main.js up       start a fleet on this machine\n'
fi
