#!/usr/bin/env bash
# The contract, which needs no quiet machine, and timings in Node and in a page, in order of value, in at most SECONDS (default 240)
# in all: quiet.sh SECONDS. Logs in OUT (./results), every visit in a JSON file as it ends. PREPARE=1, while others use GPU and processor, only makes the files that races
# start from, on one core. SMALL=1 tries all of it on a model of two layers.
here=$(cd "$(dirname "$0")" && pwd)
: "${OUT:=$here/results}"
total=${1:-240}
# shellcheck source=/dev/null
. "$here/common.sh"
watch_load
models
lengths=128,4000 tokens=32 context=4032
if test -n "$SMALL"; then lengths=16 tokens=4 context=20; fi
if test -n "$PREPARE"; then
  step files-smollm2 "$(at_most 200)" make-files.js "$SMOLLM2" fp32 $context
  if test -n "$SMALL"; then step files-pocket "$(at_most 60)" make-files.js "$JUDGE_CACHE/tiny" fp32,int8,int4 $context
  else step files-pocket "$(at_most 60)" make-files.js pocket fp32,int8,int4; fi
  exit
fi
said_driver || exit 1
find_browser && in_page=1
echo "ready after $((SECONDS - start)) s"
# what is measured beside other work is an order of size, and steps that are cut
awk -v cores="$(nproc)" '$1 > cores / 4 { print "NOT QUIET: load " $1 " on " cores " cores" }' /proc/loadavg
# SECONDS of a race: so long it begins another case. LIMIT is for a machine that is not as quiet as it should be: what a race
# has begun by then is lost, what it has ended is kept.
race() { # NAME SECONDS LIMIT SCRIPT ARGUMENTS…
  step "$1" "$(at_most "$3")" "$4" "${@:5}" --turns $turns --seconds $(($2 * SLOW)) --save "$OUT/$1.json"
}
page() { test -z "$in_page" || race "$1" "$2" "$3" in-page.js --device webgpu --gpu --each "${@:4}"; }
measure() { step "$1" "$(at_most "$2")" "${@:3}"; } # NAME LIMIT SCRIPT ARGUMENTS…
in_a_page() { test -z "$in_page" || measure "$@"; }
rows=1,8,17,32 turns=8 curve_turns=9 passes=30 slope_turns=24
if test -n "$SMALL"; then turns=1 curve_turns=1 passes=2 slope_turns=2; fi
# drafts on the processor alone: every drafted token waits as long as a verification on a GPU
pocket="--draft-lengths 16 --problems 6"
test -z "$SMALL" || pocket="--model $JUDGE_CACHE/tiny --lengths 16 --tokens 4"
smollm2="--model $SMOLLM2 --lengths $lengths --tokens $tokens"
small_model=${SMALL:+--model $JUDGE_CACHE/tiny}
after=${SMALL:+4}
slope_lengths=${SMALL:+4,16}
# shellcheck disable=SC2086
{
  # beside each other, Node and pages: right or wrong is what counts
  for dtype in fp32 int8 int4; do
    measure contract-$dtype 60 contract.js "$JUDGE_CACHE/tiny" "$JUDGE_CACHE" $dtype
    tell_contract contract-$dtype
  done &
  in_node=$!
  for dtype in fp32 int8; do
    in_a_page page-contract-$dtype 60 page-contract.js "$here/page-contract" webgpu $dtype
    tell_contract page-contract-$dtype
  done
  wait $in_node
  turns=$slope_turns race slope-smollm2 45 75 in-node.js --no-theirs --dtypes fp32 --model "$SMOLLM2" --lengths ${slope_lengths:-$lengths} --tokens $tokens
  for each in ${after:-128 3900}; do
    measure kernels-smollm2-$each 30 gpu-kernels.js --model "$SMOLLM2" --rows 1 --passes $passes --length $each --context $context
  done
  race pocket-fp32 42 75 in-node.js --dtypes fp32 --drafts cpu $pocket
  measure steps 25 gpu-kernels.js $small_model --rows 1 --passes $passes --theirs --no-profile
  race smollm2-fp32 32 75 in-node.js --dtypes fp32 $smollm2
  race pocket-int8 26 50 in-node.js --dtypes int8 --drafts cpu --modes plain,judge $pocket
  race pocket-int4 20 45 in-node.js --dtypes int4 --drafts cpu --modes plain,judge $pocket
  case $SMOLLM2 in
  *.gguf) in_a_page first-visit 60 first-visit.js --device webgpu --gpu --gguf "$SMOLLM2" --dtype auto --tokens 64 ;;
  *) in_a_page first-visit 60 first-visit.js --device webgpu --gpu --folder "$SMOLLM2" --dtype auto --tokens $tokens ;;
  esac
  page page-pocket-fp32 22 50 --dtypes fp32 $pocket
  in_a_page page-contract-int4 60 page-contract.js "$here/page-contract" webgpu int4
  tell_contract page-contract-int4
  in_a_page page-capture 25 graph-capture.js --gpu
  measure kernels 30 gpu-kernels.js $small_model --rows 1,17 --passes $passes --theirs
  measure curve-smollm2 45 row-curve.js --on node-webgpu --products no --model "$SMOLLM2" --dtypes fp32 --rows $rows --turns $curve_turns --lengths $lengths --save "$OUT/curve-smollm2.json"
  page page-smollm2-fp32 25 75 --dtypes fp32 $smollm2
  measure steps-unchecked 15 gpu-kernels.js $small_model --rows 1 --passes $passes --no-profile --validation disabled
  measure curve 60 row-curve.js --on node-webgpu --products no $small_model --dtypes fp32,int8,int4 --rows $rows --turns $curve_turns --lengths 100 --save "$OUT/curve.json"
  measure curve-smollm2-blocks 90 row-curve.js --on node-webgpu --products no --model "$SMOLLM2" --dtypes int8,int4 --rows $rows --turns $curve_turns --lengths 100 --save "$OUT/curve-smollm2-blocks.json"
}
echo "ALL STEPS DONE after $((SECONDS - start)) s"
