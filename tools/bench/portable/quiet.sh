#!/usr/bin/env bash
# Timings in Node and in a page, in order of value, in at most SECONDS (default 240) in all: quiet.sh SECONDS, best after contract.sh,
# which makes what they start from. Logs in OUT (./results), every visit in a JSON file as it ends. SMALL=1 tries all of it
# on a model of two layers.
here=$(cd "$(dirname "$0")" && pwd)
: "${OUT:=$here/results}"
total=${1:-240}
# shellcheck source=/dev/null
. "$here/common.sh"
watch_load
models
said_driver || exit 1
find_browser && in_page=1
echo "ready after $((SECONDS - start)) s"
# what is measured beside other work is an order of size, and steps that are cut
awk -v cores="$(nproc)" '$1 > cores / 4 { print "NOT QUIET: load " $1 " on " cores " cores" }' /proc/loadavg
# SECONDS of a race: so long it begins another case, and so much longer it may take for what it has begun
race() { # NAME SECONDS GRACE SCRIPT ARGUMENTS…
  local limit
  limit=$(at_most "$2")
  step "$1" "$limit" "$4" "${@:5}" --seconds $((limit - $3)) --save "$OUT/$1.json"
}
page() { test -z "$in_page" || race "$1" "$2" "$3" in-page.js --device webgpu --gpu "${@:4}"; }
lengths=100,4000 rows=1,8,17,32
if test -n "$SMALL"; then turns=1 tokens=4 lengths=16; else turns=2 tokens=32; fi
# drafts on the processor alone: every drafted token waits as long as a verification on a GPU
pocket="--draft-lengths 16 --problems 6 --turns $turns"
test -z "$SMALL" || pocket="--model $JUDGE_CACHE/tiny --lengths 16 --tokens 4 --turns 1"
smollm2="--model $SMOLLM2 --lengths $lengths --tokens $tokens --turns $turns"
# shellcheck disable=SC2086
{
  race pocket-fp32 40 10 in-node.js --dtypes fp32 --drafts cpu $pocket
  race smollm2-fp32 45 12 in-node.js --dtypes fp32 $smollm2
  page page-pocket-fp32 40 10 --dtypes fp32 $pocket
  page page-smollm2-fp32 50 15 --dtypes fp32 --each $smollm2
  step curve-smollm2 "$(at_most 25)" row-curve.js --on node-webgpu --products no --model "$SMOLLM2" --dtypes fp32 --rows $rows --turns 7 --lengths $lengths --save "$OUT/curve-smollm2.json"
  race pocket-int8 25 8 in-node.js --dtypes int8 --drafts cpu --modes plain,judge $pocket
  race pocket-int4 25 8 in-node.js --dtypes int4 --drafts cpu --modes plain,judge $pocket
  case $SMOLLM2 in
  *.gguf) test -z "$in_page" || step first-visit "$(at_most 25)" first-visit.js --device webgpu --gpu --gguf "$SMOLLM2" --dtype auto --tokens $tokens ;;
  esac
  step curve "$(at_most 25)" row-curve.js --on node-webgpu --products no ${SMALL:+--model "$JUDGE_CACHE/tiny"} --dtypes fp32,int8,int4 --rows $rows --turns 7 --lengths 100 --save "$OUT/curve.json"
  step curve-smollm2-blocks "$(at_most 30)" row-curve.js --on node-webgpu --products no --model "$SMOLLM2" --dtypes int8,int4 --rows $rows --turns 5 --lengths $lengths --save "$OUT/curve-smollm2-blocks.json"
  test -z "$in_page" || step page-capture "$(at_most 15)" graph-capture.js --gpu
}
echo "ALL STEPS DONE after $((SECONDS - start)) s"
