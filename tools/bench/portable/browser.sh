#!/usr/bin/env bash
# In a page of Chromium on this machine's GPU, in at most SECONDS (default 200) in all: browser.sh SECONDS. CHROME_PATH names the
# browser, or one is unpacked beside (pack-browser.sh). Contract first, then speeds beside transformers.js and row curves. SMALL=1
# tries all of it quickly, on a software adapter, too.
here=$(cd "$(dirname "$0")" && pwd)
: "${OUT:=$here/results}"
total=${1:-200}
SLOW=${SLOW:-1} # times as long for every step
start=$SECONDS
# shellcheck source=/dev/null
. "$here/common.sh"
left() { echo $((total - (SECONDS - start))); }
at_most() { local rest; rest=$(left); echo $((rest < $1 * SLOW ? rest : $1 * SLOW)); }
if test -z "$CHROME_PATH" && test -x "$here/../browser/chromium"; then CHROME_PATH=$here/../browser/chromium; fi
export CHROME_PATH
echo "browser: ${CHROME_PATH:-the one on the PATH}"
# the driver that works in Node: an NVIDIA machine often has the library and no file that names it
if test -z "$SMALL"; then said_driver || exit 1; fi
echo "Vulkan driver: ${VK_DRIVER_FILES:-whatever there is}"

# which of Chromium's ways to this GPU work: the first whose adapter is no software. Later words win over REAL_WEBGPU's.
# The first worked on an H200 without a display, where GL in software left SwiftShader alone.
software="--use-vulkan=native --enable-unsafe-swiftshader --use-angle"
for words in "--use-angle=vulkan --disable-vulkan-surface" "$software=swiftshader" "--use-vulkan=native" "$software=swiftshader-webgl" "--use-vulkan=native --use-angle=vulkan --in-process-gpu" "--enable-features=Vulkan,VulkanFromANGLE,DefaultANGLEVulkan --use-angle=vulkan"; do
  export JUDGE_CHROME_ARGS="$words --enable-logging=stderr --disable-gpu-sandbox"
  VK_LOADER_DEBUG=error,warn,driver DEBUG=pw:browser timeout -k 2 "$(at_most 15)" "$NODE" program/browser-gpu.js > "$OUT/adapter.txt" 2> >(head -c 200000 > "$OUT/adapter.err.txt")
  code=$?
  echo "Chromium with '$words': rc $code, $((SECONDS - start)) s"
  echo "ADAPTER IN CHROMIUM: $(head -c 700 "$OUT/adapter.txt")"
  test $code = 0 || grep -iE 'vulkan|vk_|dawn|webgpu|angle|icd|GPU' "$OUT/adapter.err.txt" | grep -v -e dbus -e '<launching>' | tail -n 8 | cut -c1-300
  { echo "== '$words', rc $code"; cat "$OUT/adapter.txt" "$OUT/adapter.err.txt"; } >> "$OUT/adapters.txt"
  if test -n "$SMALL" && test $code = 3; then code=0; fi
  if test $code = 0; then break; fi
done
export JUDGE_CHROME_ARGS="$words --disable-gpu-sandbox"
test $code = 0 || { echo "NO GPU IN THE BROWSER: nothing was measured"; exit 1; }
# the made-up model of SmolLM2's shape, meanwhile
if test -z "$SMALL"; then models > "$OUT/models.txt" 2>&1 & making=$!; fi
echo "ready after $((SECONDS - start)) s"
page_contract() { # DTYPE SECONDS
  step "page-contract-$1" "$(at_most "$2")" page-contract.js "$here/page-contract" webgpu "$1"
  echo "   kept $(grep -c '"outcome":"kept"' "$OUT/page-contract-$1.txt"), broken $(grep -c '"outcome":"broken"' "$OUT/page-contract-$1.txt"), other $(grep -cE '"outcome":"(exempt|not-declared|undeclared)' "$OUT/page-contract-$1.txt")"
  grep '"outcome":"broken"' "$OUT/page-contract-$1.txt" | head -3 | cut -c1-400
}
if test -n "$SMALL"; then race="--problems 1 --turns 1"; curve="--rows 1,8 --turns 1"; else race="--problems 6 --turns 2"; curve="--rows 1,2,4,8,17,32 --turns 7"; fi
page_contract fp32 30
if test -n "$making"; then wait "$making"; echo "models made, $((SECONDS - start)) s"; fi
limit=$(at_most 45)
# shellcheck disable=SC2086
step page-pocket-fp32 "$limit" in-page.js --device webgpu --gpu --dtypes fp32 --draft-lengths 16 $race --seconds $((limit - 12)) --save "$OUT/page-pocket-fp32.json"
# shellcheck disable=SC2086
step page-curve "$(at_most 40)" row-curve.js --on webgpu --gpu --dtypes fp32,int8 $curve --shapes 576x3072 --lengths 100,900 --save "$OUT/page-curve.json"
if test -z "$SMALL"; then
  limit=$(at_most 50)
  step page-smollm2-fp32 "$limit" in-page.js --device webgpu --gpu --model "$JUDGE_CACHE/smollm2" --dtypes fp32 --lengths 100,4000 --tokens 32 --turns 1 --seconds $((limit - 15)) --save "$OUT/page-smollm2-fp32.json"
fi
page_contract int8 30
page_contract int4 30
step page-capture "$(at_most 20)" graph-capture.js --gpu
echo "ALL STEPS DONE after $((SECONDS - start)) s"
