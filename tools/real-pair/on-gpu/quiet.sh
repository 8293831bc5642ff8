#!/usr/bin/env bash
# quiet.sh [SECONDS]: speeds, on a GPU that nothing else uses (CUDA_VISIBLE_DEVICES), in at most SECONDS (default 220). int4 and int8 beside
# node-llama-cpp run while transformers gets ready, then bf16 beside both. Rows are kept one by one; called again it goes on.
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
limit=${1:-220}
from=$(date +%s)
unset CUDA_MPS_PIPE_DIRECTORY
trap 'for type in int4 int8 bf16; do end race-$type; done' EXIT
state() {
  {
    echo "$(date +%T) $1, load $(cut -d' ' -f1-3 /proc/loadavg)"
    nvidia-smi --query-gpu=index,utilization.gpu,power.draw,clocks.sm,memory.used --format=csv,noheader
  } >> log/quiet.log 2>&1
}
# until_end NAME SHARE: or until that share of the limit, in percent, is over
until_end() { while alive "$1" && test $(($(date +%s) - from)) -lt $((limit * $2 / 100)); do sleep 0.3; done; }
state before
rm -f go.bf16*
touch go.int4 go.int8
head=()
arms=plain,strict/4,strict/8
test ! -f head.safetensors || { head=(--head head.safetensors); judge=,judge/4,judge/8; }
begin race-bf16 bash "$here/race.sh" bf16 transformers,node-llama-cpp "$arms$judge" "${PROBLEMS:-16}" "${head[@]}"
for each in int4:30 int8:48; do
  type=${each%:*}
  begin race-$type bash "$here/race.sh" "$type" node-llama-cpp $arms "${FEWER:-10}"
  until_end race-$type "${each#*:}"
  end race-$type
  state "after $type"
  say "$type: $(rows "$type") rows"
done
# until both are open, or it is late
while alive race-bf16 && test $(($(date +%s) - from)) -lt $((limit * 55 / 100)); do
  test -f go.bf16.transformers && test -f go.bf16.node-llama-cpp && break
  sleep 0.3
done
state 'bf16 goes'
touch go.bf16
until_end race-bf16 94
state 'after bf16'
say "bf16: $(rows bf16) rows"
