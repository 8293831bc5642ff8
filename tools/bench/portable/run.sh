#!/usr/bin/env bash
# WebGPU through Vulkan in Node on this machine's GPU: contract, row curve, speeds beside transformers.js. Every step has a
# limit and a log of its own, and stands alone. NODE names a Node 20, OUT the folder for logs, SMALL=1 tries all of it quickly.
# SKIP_DRIVER=1 leaves VK_DRIVER_FILES as it is.
here=$(cd "$(dirname "$0")" && pwd)
cd "$here" || exit 1
: "${OUT:=$here/results}"
: "${NODE:=$(command -v node)}"
mkdir -p "$OUT"
export JUDGE_CACHE=${JUDGE_CACHE:-$(mktemp -d)}
cp commit.txt "$OUT/"
nvidia-smi --query-gpu=name,driver_version --format=csv > "$OUT/gpu.txt" 2>&1

if ! ldconfig -p | grep -q libvulkan.so.1 && test -f libvulkan1.deb; then
  # the loader, without installing it
  mkdir -p vulkan && (cd vulkan && (dpkg-deb -x ../libvulkan1.deb . 2>/dev/null || (ar x ../libvulkan1.deb && tar xf data.tar.*)))
  export LD_LIBRARY_PATH="$here/vulkan/usr/lib/x86_64-linux-gnu:$LD_LIBRARY_PATH"
fi

step() { # NAME SECONDS SCRIPT ARGUMENTS…
  local name=$1 limit=$2
  shift 2
  echo "== $name (at most $limit s)"
  timeout "$limit" "$NODE" "program/$1" "${@:2}" > "$OUT/$name.txt" 2> "$OUT/$name.err.txt"
  echo "rc $?" | tee -a "$OUT/$name.txt"
  tail -n 14 "$OUT/$name.txt" | cut -c1-300
  tail -n 2 "$OUT/$name.err.txt" | cut -c1-300
}

first() { timeout 60 "$NODE" program/row-curve.js --on node-webgpu --products no --dtypes fp32 --lengths 4 --rows 1 --turns 1 > "$OUT/first.txt" 2>&1; }
driver() { # LIBRARY: a driver file for it
  printf '{"file_format_version":"1.0.0","ICD":{"library_path":"%s","api_version":"1.3.0"}}' "$1" > "$here/driver.json"
}
found=
if test -n "$SKIP_DRIVER"; then
  first && found=as-it-is
else
  for candidate in /usr/share/vulkan/icd.d/nvidia_icd*.json /etc/vulkan/icd.d/nvidia_icd*.json libGLX_nvidia.so.0 libEGL_nvidia.so.0; do
    case $candidate in
      lib*)
        library=$(ldconfig -p | grep -o "/[^ ]*$candidate" | head -1)
        test -n "$library" || continue
        driver "$library"
        candidate=$here/driver.json
        ;;
    esac
    test -f "$candidate" || continue
    export VK_DRIVER_FILES=$candidate VK_ICD_FILENAMES=$candidate
    echo "driver file $candidate"
    if first; then found=$candidate; break; fi
    tail -n 3 "$OUT/first.txt"
  done
fi
head -n 6 "$OUT/first.txt"
if test -z "$found"; then
  echo "no driver worked"
  ldconfig -p | grep -i nvidia | head
  exit 1
fi

if test -n "$SMALL"; then
  pocket="--problems 1 --turns 1"; curve="--rows 1,8 --turns 1 --shapes 384x1920"; smol="--rows 1,8 --turns 1 --lengths 16"; race="--lengths 16 --tokens 4 --turns 1"
else
  pocket="--problems 8 --turns 3"; curve="--turns 15 --shapes 384x1920,576x3072,4096x4096"; smol="--rows 1,2,4,8,12,16,17,24,32 --turns 9 --lengths 128,1000,2000,4000"; race="--lengths 128,1000,4000 --tokens 64 --turns 3"
fi
# the most wanted first: the machine may be taken away
# shellcheck disable=SC2086
{
  step pocket-fp32 120 in-node.js --dtypes fp32 $pocket --save "$OUT/pocket-fp32.json"
  timeout 60 "$NODE" program/made-models.js smollm2 "$JUDGE_CACHE/smollm2"
  step curve-smollm2 170 row-curve.js --on node-webgpu --products no --model "$JUDGE_CACHE/smollm2" --dtypes fp32,int8,int4 $smol --save "$OUT/curve-smollm2.json"
  step smollm2-fp32 120 in-node.js --model "$JUDGE_CACHE/smollm2" --dtypes fp32 $race --save "$OUT/smollm2-fp32.json"
  timeout 20 "$NODE" program/made-models.js tiny "$JUDGE_CACHE/tiny"
  for dtype in fp32 int8 int4; do
    step "contract-$dtype" 60 contract.js "$JUDGE_CACHE/tiny" "$JUDGE_CACHE" "$dtype"
    echo "kept $(grep -c '"outcome":"kept"' "$OUT/contract-$dtype.txt"), broken $(grep -c '"outcome":"broken"' "$OUT/contract-$dtype.txt")"
  done
  step curve 120 row-curve.js --on node-webgpu $curve --lengths 100,900 --save "$OUT/curve.json"
  step pocket-int8 100 in-node.js --dtypes int8 $pocket --save "$OUT/pocket-int8.json"
  step smollm2-int8 100 in-node.js --model "$JUDGE_CACHE/smollm2" --dtypes int8 $race --save "$OUT/smollm2-int8.json"
}
