#!/usr/bin/env bash
# quiet.sh [SECONDS]: speeds, on a GPU that nothing else uses (GPU, default 0), in at most SECONDS (default 220): bf16 beside transformers and
# node-llama-cpp, then int8 and int4 beside node-llama-cpp, all opened before the first is timed. Rows are kept one by one; called again it
# goes on. `quiet.sh open` opens everything on that GPU and times nothing: whoever calls it a minute or two before, when the GPU need not be
# quiet yet, spends none of the quiet time on it.
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
alone "${GPU:-${CUDA_VISIBLE_DEVICES:-0}}"
arms=plain,strict/4,strict/8
head=()
if test -f head.safetensors; then
  # a speed in the other two types, where the head was not measured
  head=(--head head.safetensors --allow-other-weights)
  arms=$arms,judge/4,judge/8
fi
opening() { # opening TYPE PROGRAMS PROBLEMS
  alive "race-$1" || rm -f "go.$1" "go.$1".*
  begin "race-$1" bash "$here/race.sh" "$1" "$2" $arms "$3" "${head[@]}"
}
opening bf16 transformers,node-llama-cpp "${PROBLEMS:-16}"
opening int8 node-llama-cpp "${FEWER:-10}"
opening int4 node-llama-cpp "${FEWER:-10}"
test "$1" != open || exit 0
limit=${1:-220}
from=$(date +%s)
trap 'for type in bf16 int8 int4; do end race-$type; done' EXIT
state() {
  {
    echo "$(date +%T) $1, load $(cut -d' ' -f1-3 /proc/loadavg)"
    nvidia-smi --query-gpu=index,utilization.gpu,power.draw,clocks.sm,memory.used --format=csv,noheader
  } >> log/quiet.log 2>&1
}
# before SHARE: until that share of the limit, in percent, is over
before() { test $(($(date +%s) - from)) -lt $((limit * $1 / 100)); }
# is_open TYPE PROGRAM…: or has ended
is_open() {
  local type=$1 program
  shift
  for program in "$@"; do test -f "go.$type.$program" || ! alive "race-$type" || return 1; done
}
state before
while before 30; do
  is_open bf16 transformers node-llama-cpp && is_open int8 node-llama-cpp && is_open int4 node-llama-cpp && break
  sleep 0.3
done
# what is not open yet comes last: transformers has taken two minutes and a half
order='bf16:64 int8:80 int4:95'
is_open bf16 transformers node-llama-cpp || order='int8:48 int4:64 bf16:95'
for each in $order; do
  type=${each%:*}
  state "$type goes"
  touch "go.$type"
  while alive "race-$type" && before "${each#*:}"; do sleep 0.3; done
  end "race-$type"
  say "$type: $(rows "$type") rows"
done
state after
say 'the quiet part is over'
