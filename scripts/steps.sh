# shellcheck shell=bash
# Steps that say what they do, in one line each, and are quiet unless they fail. Sourced by the other scripts.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
readonly state="${FUMEHOOD_STATE_DIR:-$root/.fumehood}"
readonly socket="${FUMEHOOD_DOCKER_SOCKET:-/var/run/docker.sock}"
readonly engine_pid_file="$state/run/dockerd.pid"
step_log="$state/logs/setup.log"
mkdir -p "$state/run" "$state/logs"
chmod 700 "$state"

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
  bold='' dim='' red='' green='' plain=''
fi
readonly bold dim red green plain

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# step NAME FIX COMMAND…: runs the command with its output in the log. When it fails, shows the end of the log and the fix, and returns 1.
step() {
  local name=$1 fix=$2 began=$SECONDS ticker status=0 from
  shift 2
  : >>"$step_log"
  from=$(($(wc -l <"$step_log") + 1))
  printf '  %s…%s %-28s' "$dim" "$plain" "$name"
  tick "$name" "$began" &
  ticker=$!
  "$@" >>"$step_log" 2>&1 </dev/null || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  if ((status == 0)); then
    finish_line "${green}✔${plain}" "$name" "$((SECONDS - began)) s"
    return 0
  fi
  finish_line "${red}✘${plain}" "$name" "$((SECONDS - began)) s"
  tail -n "+$from" "$step_log" | tail -n 30 | sed "s/^/    ${dim}|${plain} /"
  printf '\n    %s%s%s\n    The whole log: %s\n' "$bold" "$fix" "$plain" "$step_log"
  return 1
}

# note NAME TEXT: a step that had nothing to do.
note() { printf '  %s✔%s %-28s %s%s%s\n' "$green" "$plain" "$1" "$dim" "$2" "$plain"; }

# On a terminal the seconds count up; elsewhere a dot comes every ten seconds, so that a long step is not taken for a hang.
# It waits by reading from a pipe that stays empty: a `sleep` would outlive it and keep our output open.
tick() {
  local idle pause=10
  if [[ -t 1 ]]; then pause=1; fi
  exec 9>&- {idle}<> <(:)
  while true; do
    read -r -t "$pause" -u "$idle" || true
    if [[ -t 1 ]]; then
      printf '\r  %s…%s %-28s %s%d s%s' "$dim" "$plain" "$1" "$dim" "$((SECONDS - $2))" "$plain"
    else
      printf '.'
    fi
  done
}

finish_line() {
  if [[ -t 1 ]]; then
    printf '\r\e[K  %s %-28s %s%s%s\n' "$1" "$2" "$dim" "$3" "$plain"
  else
    printf ' %s %s\n' "$1" "$3"
  fi
}

engine_answers() { curl --silent --fail --max-time 3 --output /dev/null --unix-socket "$socket" http://docker/_ping 2>/dev/null; }

# Ends the Docker Engine that setup.sh started in the background, and leaves any other alone.
stop_engine() {
  local pid
  pid=$(cat "$engine_pid_file" 2>/dev/null) || return 0
  [[ $(cat "/proc/$pid/comm" 2>/dev/null) == dockerd ]] || return 0
  as_root kill -TERM "$pid"
  for _ in $(seq 150); do
    [[ -d /proc/$pid ]] || break
    sleep 0.1
  done
  as_root rm -f "$engine_pid_file"
}
