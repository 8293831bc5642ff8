#!/usr/bin/env bash
# The contract, which needs no quiet machine, and timings in Node and in a page, in order of worth, in at most SECONDS (default 400)
# in all: quiet.sh SECONDS. Logs in OUT (./results), every visit in a JSON file as it ends; begun again it goes on where it was, and keeps
# what a step that was cut had come to. PREPARE=1, while others use GPU and processor, only makes the files that races
# start from, on one core; ONLY=contract runs the contract alone, ONLY=pages the races in pages and the first visit. SMALL=1 tries all of it on a model of two layers.
here=$(cd "$(dirname "$0")" && pwd)
: "${OUT:=$here/results}"
total=${1:-400}
# shellcheck source=/dev/null
. "$here/common.sh"
watch_load
models
lengths=100,4000 slope_lengths=128,4000 tokens=32 context=4032
if test -n "$SMALL"; then lengths=16 slope_lengths=4,16 tokens=4 context=20; fi
if test -n "$PREPARE"; then
  step files-smollm2 "$(at_most 200)" make-files.js "$SMOLLM2" fp32 $context
  if test -n "$SMALL"; then step files-pocket "$(at_most 60)" make-files.js "$JUDGE_CACHE/tiny" fp32,int8,int4 $context
  else step files-pocket "$(at_most 60)" make-files.js pocket fp32,int8,int4; fi
  step files-smollm2-blocks "$(at_most 200)" make-files.js "$SMOLLM2" int8 $context
  exit
fi
said_driver || exit 1
find_browser && in_page=1
echo "ready after $((SECONDS - start)) s"
# what is measured beside other work is an order of size, and steps that are cut
awk -v cores="$(nproc)" '$1 > cores / 4 { print "NOT QUIET: load " $1 " on " cores " cores" }' /proc/loadavg
wanted() { # NAME
  case $ONLY-$1 in
  pages-page-contract*) return 1 ;;
  pages-page-* | pages-first-visit*) return 0 ;;
  pages-*) return 1 ;;
  esac
}
# SECONDS of a race, from its process' start: so long it begins another case; with less time left a few less, and none with half of them.
# LIMIT is for a machine that is not as quiet as it should be: what a race has ended by then is kept.
race() { # NAME SECONDS LIMIT SCRIPT ARGUMENTS…
  wanted "$1" || return
  local seconds=$(($2 * SLOW)) most
  most=$(($(left) - 8))
  if test $((2 * most)) -lt $seconds; then most=0; fi
  step "$1" "$(test $most = 0 && echo 0 || at_most "$3")" "$4" "${@:5}" --turns $turns --seconds $((most < seconds ? most : seconds)) --save "$OUT/$1.json"
}
page() { test -z "$in_page" || race "$1" "$2" "$3" in-page.js --device webgpu --gpu --each "${@:4}"; }
measure() { ! wanted "$1" || step "$1" "$(at_most "$2")" "${@:3}"; } # NAME LIMIT SCRIPT ARGUMENTS…
in_a_page() { test -z "$in_page" || measure "$@"; }
first_visit() { # NAME
  if test "$(left)" -lt $((30 * SLOW)); then echo "== $1: no time left"; return; fi
  case $SMOLLM2 in
  *.gguf) in_a_page "$1" 60 first-visit.js --device webgpu --gpu --gguf "$SMOLLM2" --dtype auto --tokens 64 ;;
  *) in_a_page "$1" 60 first-visit.js --device webgpu --gpu --folder "$SMOLLM2" --dtype auto --tokens $tokens ;;
  esac
}
rows=1,2,4,8,12,16,17,24,32 turns=16 curve_turns=9 passes=30 slope_turns=24
if test -n "$SMALL"; then rows=1,8 turns=1 curve_turns=1 passes=2 slope_turns=2; fi
# drafts on the processor alone: every drafted token waits as long as a verification on a GPU
pocket="--draft-lengths 16 --problems 6"
test -z "$SMALL" || pocket="--model $JUDGE_CACHE/tiny --lengths 16 --tokens 4"
smollm2="--model $SMOLLM2 --lengths $lengths --tokens $tokens"
small_model=${SMALL:+--model $JUDGE_CACHE/tiny}
after=${SMALL:+4}
curve="--on node-webgpu --products no --rows $rows --turns $curve_turns"
# shellcheck disable=SC2086
{
  # beside each other, Node and pages: right or wrong is what counts
  for dtype in fp32 int8 int4; do
    measure contract-$dtype 90 contract.js "$JUDGE_CACHE/tiny" "$JUDGE_CACHE" $dtype
    tell_contract contract-$dtype
  done &
  in_node=$!
  for dtype in fp32 int8 int4; do
    in_a_page page-contract-$dtype 90 page-contract.js "$here/page-contract" webgpu $dtype
    tell_contract page-contract-$dtype
  done
  wait $in_node
  test "$ONLY" = contract && exit
  race pocket-fp32 32 75 in-node.js --dtypes fp32 --drafts cpu $pocket
  race smollm2-fp32 30 75 in-node.js --dtypes fp32 $smollm2
  measure curve-smollm2 45 row-curve.js $curve --model "$SMOLLM2" --dtypes fp32 --lengths $lengths --save "$OUT/curve-smollm2.json"
  turns=$slope_turns race slope-smollm2 34 75 in-node.js --no-theirs --dtypes fp32 --model "$SMOLLM2" --lengths $slope_lengths --tokens $tokens
  race pocket-int8 26 60 in-node.js --dtypes int8 --drafts cpu --modes plain,judge $pocket
  race pocket-int4 26 60 in-node.js --dtypes int4 --drafts cpu --modes plain,judge $pocket
  page page-pocket-fp32 30 70 --dtypes fp32 --modes plain,judge $pocket
  page page-smollm2-fp32 38 80 --dtypes fp32 $smollm2
  page page-pocket-int8 26 70 --dtypes int8 --modes plain,judge $pocket
  page page-pocket-int4 26 70 --dtypes int4 --modes plain,judge $pocket
  first_visit first-visit
  # what explains them
  measure curve 45 row-curve.js $curve $small_model --dtypes fp32,int8,int4 --lengths 100 --save "$OUT/curve.json"
  for each in ${after:-128 3900}; do
    measure kernels-smollm2-$each 30 gpu-kernels.js --model "$SMOLLM2" --rows 1 --passes $passes --length $each --context $context
  done
  measure steps 25 gpu-kernels.js $small_model --rows 1 --passes $passes --theirs --no-profile
  measure kernels 30 gpu-kernels.js $small_model --rows 1,17 --passes $passes --theirs
  in_a_page page-capture 25 graph-capture.js --gpu
  # what was never asked for
  race smollm2-int8 30 75 in-node.js --dtypes int8 $smollm2
  first_visit first-visit-again
  measure curve-smollm2-blocks 90 row-curve.js $curve --model "$SMOLLM2" --dtypes int8,int4 --lengths 100 --save "$OUT/curve-smollm2-blocks.json"
  measure steps-unchecked 15 gpu-kernels.js $small_model --rows 1 --passes $passes --no-profile --validation disabled
}
echo "ALL STEPS DONE after $((SECONDS - start)) s"
