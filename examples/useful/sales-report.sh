# Adds sales.csv up by product, and writes report.json.
set -euo pipefail

tail -n +2 sales.csv |
  awk -F, '{ units[$3] += $4; revenue[$3] += $4 * $5 } END { for (p in units) printf "%s %d %.2f\n", p, units[p], revenue[p] }' |
  sort -k3 -n -r |
  jq --raw-input --slurp 'split("\n")[:-1] | map(split(" ") | { product: .[0], units: (.[1] | tonumber), revenue: (.[2] | tonumber) })' >report.json

jq --raw-output '.[] | "\(.product): \(.units) units, \(.revenue)"' report.json
echo "The best product is $(jq --raw-output '.[0].product' report.json)."
