#!/usr/bin/env bash
# What needs no quiet machine, in at most SECONDS (default 400): the contract in Node and in a page, in fp32, int8 and int4, which
# adapter pages see, and each race of quiet.sh once and short, which also makes the files that races start from. contract.sh
# SECONDS; logs in OUT (./results). Begun again it goes on where it was. SMALL=1 tries all of it on a model of two
# layers, on a software adapter, too; SLOW=6 gives every step six times as long.
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
if test -n "$SMALL"; then pocket="--model $JUDGE_CACHE/tiny --lengths 16 --tokens 4 --turns 1"; else pocket="--modes plain,judge --draft-lengths 16 --problems 1 --turns 1"; fi
# shellcheck disable=SC2086
{
  step short-pocket "$(at_most 90)" in-node.js --dtypes fp32,int8,int4 --drafts cpu $pocket --save "$OUT/short-pocket.json"
  step short-smollm2 "$(at_most 60)" in-node.js --model "$SMOLLM2" --dtypes fp32 --lengths 100 --tokens 8 --turns 1 --save "$OUT/short-smollm2.json"
  if test -n "$in_page"; then
    step page-short-pocket "$(at_most 60)" in-page.js --device webgpu --gpu --dtypes fp32 $pocket --save "$OUT/page-short-pocket.json"
    step page-short-smollm2 "$(at_most 60)" in-page.js --device webgpu --gpu --model "$SMOLLM2" --dtypes fp32 --lengths 100 --tokens 8 --turns 1 --each --save "$OUT/page-short-smollm2.json"
  fi
}
echo "ALL STEPS DONE after $((SECONDS - start)) s"
