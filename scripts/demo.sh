#!/usr/bin/env bash
# Sets up, then shows what Fumehood does: good jobs and hostile ones, in a fleet of the demo's own. Leaves nothing running that it started.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
cd "$root"

engine_answers || trap stop_engine EXIT
FUMEHOOD_QUIET_END=1 bash scripts/setup.sh
echo
node apps/cli/dist/main.js demo "$@"
