#!/usr/bin/env bash
# Sets up, then runs every check and every test. The last line is the total; the exit code is 0 only when nothing failed.
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
cd "$root" || exit 1
export PATH="$root/node_modules/.bin:$PATH"

passed=0 failed=0 skipped=0
readonly reports="$state/run/reports"
rm -rf "$reports"
mkdir -p "$reports"

engine_answers || trap stop_engine EXIT

check() {
  if step "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# suite NAME ARGUMENT…: one run of vitest. What it counts is read from its report; a run without a report is a failure.
suite() {
  local name=$1 status=0 counts
  shift
  printf '\n%s%s%s\n' "$bold" "$name" "$plain"
  vitest run "$@" --reporter=default --reporter=json --outputFile.json="$reports/$name.json" </dev/null || status=$?
  counts=$(node scripts/count-tests.mjs "$reports/$name.json" "$status") || counts='0 1 0'
  read -r p f s <<<"$counts"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

if FUMEHOOD_QUIET_END=1 bash scripts/setup.sh; then
  step_log="$state/logs/test.log"
  : >"$step_log"
  printf '\n%sChecks%s\n' "$bold" "$plain"
  check 'Format and lint' 'Run: pnpm format' biome ci .
  check 'Versions agree' 'Run: npx sherif --fix' sherif
  check 'Types of the tests' 'Mend what the compiler says.' tsc --project test
  check 'No dead code' 'Remove what knip names.' knip
  suite 'packages and apps' --project units
  # One after the other: they measure, and they look at what is left on the host.
  suite 'the whole fleet' --project fleet --no-file-parallelism
else
  failed=1
fi

if ((skipped > 0)); then tail=", $skipped skipped"; else tail=''; fi
printf '\n%d passed, %d failed%s\n' "$passed" "$failed" "$tail"
((failed == 0))
