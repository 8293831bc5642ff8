#!/usr/bin/env bash
# WebGPU through Vulkan in Node on this machine's GPU: contract first, then speeds beside transformers.js and row curves. Every
# step has a limit and a log of its own, and stands alone. NODE names a Node 20, OUT the folder for logs, SMALL=1 tries all of
# it quickly, SKIP_DRIVER=1 leaves VK_DRIVER_FILES as it is.
here=$(cd "$(dirname "$0")" && pwd)
: "${OUT:=$here/results}"
# shellcheck source=/dev/null
. "$here/common.sh"
said_driver || exit 1
models
if test -n "$SMALL"; then
  pocket="--problems 1 --turns 1 --seconds 60"; curve="--rows 1,8 --turns 1 --shapes 384x1920"; smol="--rows 1,8 --turns 1 --lengths 16"; race="--lengths 16 --tokens 4 --turns 1"
else
  pocket="--problems 8 --turns 3 --seconds 110"; curve="--turns 9 --shapes 384x1920,576x3072"; smol="--rows 1,2,4,8,16,17,32 --turns 7 --lengths 128,1000,4000"; race="--lengths 128,1000,4000 --tokens 48 --turns 2 --seconds 120"
fi
# shellcheck disable=SC2086
{
  for dtype in fp32 int8 int4; do contract $dtype 120; done
  step pocket-fp32 150 in-node.js --dtypes fp32 $pocket --save "$OUT/pocket-fp32.json"
  step curve-smollm2 200 row-curve.js --on node-webgpu --products no --model "$JUDGE_CACHE/smollm2" --dtypes fp32,int8,int4 $smol --save "$OUT/curve-smollm2.json"
  step curve 150 row-curve.js --on node-webgpu $curve --lengths 100,900 --save "$OUT/curve.json"
  step smollm2-fp32 180 in-node.js --model "$JUDGE_CACHE/smollm2" --dtypes fp32 $race --save "$OUT/smollm2-fp32.json"
  step pocket-int8 150 in-node.js --dtypes int8 $pocket --save "$OUT/pocket-int8.json"
  step smollm2-int8 150 in-node.js --model "$JUDGE_CACHE/smollm2" --dtypes int8 $race --save "$OUT/smollm2-int8.json"
}
echo "ALL STEPS DONE $(date -u +%T)"
