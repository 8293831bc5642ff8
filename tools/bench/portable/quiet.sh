#!/usr/bin/env bash
# Only timings, in order of value, in at most SECONDS (default 120) in all: quiet.sh SECONDS. Logs in OUT (./results).
here=$(cd "$(dirname "$0")" && pwd)
: "${OUT:=$here/results}"
total=${1:-120}
start=$SECONDS
# shellcheck source=/dev/null
. "$here/common.sh"
left() { echo $((total - (SECONDS - start))); }
at_most() { local rest; rest=$(left); echo $((rest < $1 ? rest : $1)); }
said_driver || exit 1
models
echo "ready after $((SECONDS - start)) s"
# shellcheck disable=SC2046
{
  # drafts on the processor alone: every drafted token waits as long as a verification on a GPU, and writers take turns
  limit=$(at_most 60)
  step pocket-fp32 "$limit" in-node.js --dtypes fp32 --drafts cpu --draft-lengths 16 --problems 6 --turns 3 --seconds $((limit - 15)) --save "$OUT/pocket-fp32.json"
  limit=$(at_most 70)
  step smollm2-fp32 "$limit" in-node.js --model "$JUDGE_CACHE/smollm2" --dtypes fp32 --lengths 100,4000 --tokens 32 --turns 2 --seconds $((limit - 20)) --save "$OUT/smollm2-fp32.json"
  step curve-smollm2 $(at_most 45) row-curve.js --on node-webgpu --products no --model "$JUDGE_CACHE/smollm2" --dtypes fp32,int8 --rows 1,2,4,8,17,32 --turns 7 --lengths 128,4000 --save "$OUT/curve-smollm2.json"
  step curve $(at_most 60) row-curve.js --on node-webgpu --turns 9 --rows 1,4,8,17,32 --shapes 384x1920,576x3072 --lengths 100,900 --save "$OUT/curve.json"
  limit=$(at_most 60)
  step pocket-int8 "$limit" in-node.js --dtypes int8 --drafts cpu --draft-lengths 16 --problems 6 --turns 3 --seconds $((limit - 15)) --save "$OUT/pocket-int8.json"
}
echo "ALL STEPS DONE after $((SECONDS - start)) s"
