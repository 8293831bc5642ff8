#!/usr/bin/env bash
# The contract in Node and in a page, in fp32, int8 and int4, in at most SECONDS (default 400); needs no quiet machine. contract.sh
# SECONDS; logs in OUT (./results). Begun again it goes on where it was. SMALL=1 takes a software adapter, too; SLOW=6
# gives every step six times as long.
here=$(cd "$(dirname "$0")" && pwd)
: "${OUT:=$here/results}"
total=${1:-400}
# shellcheck source=/dev/null
. "$here/common.sh"
watch_load
models
said_driver || exit 1
find_browser && in_page=1
echo "ready after $((SECONDS - start)) s"
for dtype in fp32 int8 int4; do
  step contract-$dtype "$(at_most 90)" contract.js "$JUDGE_CACHE/tiny" "$JUDGE_CACHE" $dtype
  tell_contract contract-$dtype
  test -n "$in_page" || continue
  step page-contract-$dtype "$(at_most 90)" page-contract.js "$here/page-contract" webgpu $dtype
  tell_contract page-contract-$dtype
done
echo "ALL STEPS DONE after $((SECONDS - start)) s"
