# Driver, Node, browser and steps, for contract.sh and quiet.sh. Sourced; `here` is this folder, `total` the seconds of all.
cd "$here" || exit 1
start=$SECONDS
SLOW=${SLOW:-1} # times as long for every step: a processor that plays the GPU
left() { echo $((total - (SECONDS - start))); }
at_most() { local rest; rest=$(left); echo $((rest < $1 * SLOW ? rest : $1 * SLOW)); }
mkdir -p "$OUT"
export JUDGE_CACHE=${JUDGE_CACHE:-$here/cache}
mkdir -p "$JUDGE_CACHE"
cp commit.txt "$OUT/"
{ nvidia-smi --query-gpu=name,driver_version,utilization.gpu,memory.used --format=csv || echo "no nvidia-smi"; } > "$OUT/gpu.txt" 2>/dev/null
cat "$OUT/gpu.txt"

# the pocket pair: carried, or PAIR's
for part in target draft heads; do
  test -e "$here/$part" || ln -s "$PAIR/$part" "$here/$part"
  test -d "$here/$part/" || { echo "no pocket pair: $here/$part is not there, and PAIR is '$PAIR'"; exit 1; }
done

# Node: NODE, or the one that is carried, or the one on the PATH
if test -z "$NODE"; then
  for candidate in "$here/node" "$(command -v node)"; do
    if test -f "$candidate" && test -x "$candidate"; then NODE=$candidate; break; fi
  done
fi
if ! "$NODE" -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)'; then
  echo "no Node 20: NODE is '$NODE'; looked for $here/node and on the PATH"
  exit 1
fi
echo "Node $("$NODE" -v), $NODE"

unpack() { # DEB FOLDER
  mkdir -p "$2" && { dpkg-deb -x "$1" "$2" 2>/dev/null || (cd "$2" && ar x "$1" && tar xf data.tar.*); } || echo "could not unpack $1"
}
# the loader and what NVIDIA's GLX library needs, beside and not installed; only what this machine lacks
if ! ldconfig -p | grep -q 'libvulkan\.so\.1'; then
  unpack "$here/libvulkan1.deb" "$here/vulkan"
  LD_LIBRARY_PATH="$here/vulkan/usr/lib/x86_64-linux-gnu:$LD_LIBRARY_PATH"
  echo "libvulkan.so.1: unpacked beside"
else
  echo "libvulkan.so.1: the machine's"
fi
if ! ldconfig -p | grep -q 'libXext\.so\.6'; then
  for deb in "$here"/libraries/*.deb; do unpack "$deb" "$here/x11"; done
  LD_LIBRARY_PATH="$LD_LIBRARY_PATH:$here/x11/usr/lib/x86_64-linux-gnu:$here/x11/lib/x86_64-linux-gnu"
  echo "libX11, libXext: unpacked beside"
fi
for folder in /usr/local/nvidia/lib64 /usr/local/nvidia/lib; do
  test -d "$folder" && LD_LIBRARY_PATH="$LD_LIBRARY_PATH:$folder"
done
export LD_LIBRARY_PATH

first() { timeout $((30 * SLOW)) "$NODE" program/row-curve.js --on node-webgpu --products no --model "$JUDGE_CACHE/tiny" --dtypes fp32 --lengths 4 --rows 1 --turns 1 > "$OUT/first.txt" 2>&1; }

exports_driver() { # LIBRARY: says whether it loads and has the entry of a Vulkan driver
  python3 - "$1" <<'P'
import ctypes, sys
try:
    library = ctypes.CDLL(sys.argv[1])
except OSError as problem:
    print(f'{sys.argv[1]}: does not load: {problem}'); sys.exit(0)
has = [name for name in ('vk_icdGetInstanceProcAddr', 'vk_icdNegotiateLoaderICDInterfaceVersion') if hasattr(library, name)]
print(f"{sys.argv[1]}: loads, exports {', '.join(has) or 'no entry of a Vulkan driver'}")
P
}
library_path() { # NAME: where it lies, if anywhere
  { ldconfig -p | grep -o "/[^ ]*$1\$"; ls /usr/local/nvidia/lib64/"$1" /usr/local/nvidia/lib/"$1" /usr/lib/x86_64-linux-gnu/"$1" /usr/lib64/"$1"; } 2>/dev/null | head -1
}

find_driver() {
  local candidate name library
  if test -n "$SKIP_DRIVER"; then
    echo "driver: as the environment says ($VK_DRIVER_FILES)"
    first && return 0
    echo "it did not work:"; tail -n 6 "$OUT/first.txt" | cut -c1-300
    return 1
  fi
  local files=()
  for candidate in /usr/local/nvidia/share/vulkan/icd.d/nvidia_icd*.json /usr/share/vulkan/icd.d/nvidia_icd*.json /etc/vulkan/icd.d/nvidia_icd*.json; do
    if test -f "$candidate"; then
      echo "driver file of the machine: $candidate: $(tr -d ' \n' < "$candidate")"
      files+=("$candidate")
    fi
  done
  test ${#files[@]} -gt 0 || echo "no driver file nvidia_icd*.json on this machine"
  # without a display the first works, the second does not
  for name in libEGL_nvidia.so.0 libGLX_nvidia.so.0; do
    library=$(library_path "$name")
    if test -z "$library"; then echo "$name: not on this machine"; continue; fi
    exports_driver "$library"
    printf '{"file_format_version":"1.0.0","ICD":{"library_path":"%s","api_version":"1.3.0"}}' "$library" > "$here/$name.json"
    files+=("$here/$name.json")
  done
  for candidate in "${files[@]}"; do
    export VK_DRIVER_FILES=$candidate VK_ICD_FILENAMES=$candidate
    if first; then echo "driver: $candidate works"; return 0; fi
    echo "driver: $candidate does not work:"; grep -v '^$' "$OUT/first.txt" | tail -n 4 | cut -c1-300
  done
  return 1
}

said_driver() { # once a machine: what worked is kept
  if test -f "$here/driver-found" && test -z "$SKIP_DRIVER"; then
    VK_DRIVER_FILES=$(cat "$here/driver-found")
    export VK_DRIVER_FILES VK_ICD_FILENAMES=$VK_DRIVER_FILES
    echo "driver: $VK_DRIVER_FILES (found before)"
    return 0
  fi
  if find_driver; then
    echo "$VK_DRIVER_FILES" > "$here/driver-found"
    grep -v '^$' "$OUT/first.txt" | tail -n 2
    return 0
  fi
  echo "NO DRIVER WORKED: nothing was measured. Libraries of NVIDIA here:"
  ldconfig -p | grep -i nvidia | head -12
  ls -d /usr/local/nvidia /usr/local/nvidia/* 2>/dev/null
  return 1
}

# What else uses GPUs and processor, every two seconds, until this script ends.
watch_load() {
  while :; do
    { date -u +%T; cut -d' ' -f1-3 /proc/loadavg; nvidia-smi --query-gpu=index,utilization.gpu,memory.used,clocks.sm --format=csv,noheader 2>/dev/null; } | paste -sd';'
    sleep 2
  done >> "$OUT/load.txt" &
  watching=$!
  trap 'kill $watching 2>/dev/null' EXIT
}

step() { # NAME SECONDS SCRIPT ARGUMENTS…: not again where it came to its end before
  local name=$1 limit=$2 code kept
  shift 2
  if grep -q '^rc 0$' "$OUT/$name.txt" 2>/dev/null; then echo "== $name: done before"; return; fi
  if test "$limit" -lt 5; then echo "== $name: no time left"; return; fi
  # what a step that was cut had come to
  for kept in "$OUT/$name.txt" "$OUT/$name.json"; do
    if test -s "$kept"; then mv "$kept" "${kept%.*}.before-$(date +%s).${kept##*.}"; fi
  done
  echo "== $name (at most $limit s), $(date -u +%T), load $(cut -d' ' -f1 /proc/loadavg)"
  timeout -k 5 "$limit" "$NODE" "program/$1" "${@:2}" > "$OUT/$name.txt" 2> "$OUT/$name.err.txt"
  code=$?
  echo "rc $code" >> "$OUT/$name.txt"
  test $code = 124 && echo "cut at its limit of $limit s" | tee -a "$OUT/$name.txt"
  case $name in *contract*) ;; *) tail -n 14 "$OUT/$name.txt" | cut -c1-300 ;; esac
  test $code = 0 || tail -n 4 "$OUT/$name.err.txt" | cut -c1-400
  echo "   $name: rc $code, $(date -u +%T)"
}
tell_contract() { # NAME
  test -f "$OUT/$1.txt" || return
  echo "   kept $(grep -c '"outcome":"kept"' "$OUT/$1.txt"), broken $(grep -c '"outcome":"broken"' "$OUT/$1.txt"), other $(grep -cE '"outcome":"(exempt|not-declared|undeclared)' "$OUT/$1.txt")"
  grep '"outcome":"broken"' "$OUT/$1.txt" | head -3 | cut -c1-400
}
# Made-up models for what has no weights here; SMOLLM2 names a GGUF file or folder of the real one.
models() {
  test -d "$JUDGE_CACHE/tiny" || timeout 60 "$NODE" program/made-models.js tiny "$JUDGE_CACHE/tiny"
  if test -n "$SMALL"; then SMOLLM2=$JUDGE_CACHE/tiny; fi
  test -n "$SMOLLM2" && return
  SMOLLM2=$JUDGE_CACHE/smollm2
  test -d "$SMOLLM2" || { timeout 120 "$NODE" program/made-models.js smollm2 "$SMOLLM2.part" && mv "$SMOLLM2.part" "$SMOLLM2"; }
}

# Which of Chromium's ways to this GPU works: the first whose adapter is no software. Later words win over REAL_WEBGPU's. The first
# worked on an H200 without a display, where GL in software left SwiftShader alone.
find_browser() {
  local words code seconds
  if test -z "$CHROME_PATH" && test -x "$here/../browser/chromium"; then CHROME_PATH=$here/../browser/chromium; fi
  export CHROME_PATH
  echo "browser: ${CHROME_PATH:-the one on the PATH}"
  if test -f "$here/browser-found"; then
    JUDGE_CHROME_ARGS=$(cat "$here/browser-found")
    export JUDGE_CHROME_ARGS
    echo "Chromium with '$JUDGE_CHROME_ARGS' (found before)"
    return 0
  fi
  for words in "--use-angle=vulkan --disable-vulkan-surface" "--use-vulkan=native" "--use-vulkan=native --enable-unsafe-swiftshader --use-angle=swiftshader" "--use-vulkan=native --use-angle=vulkan --in-process-gpu"; do
    export JUDGE_CHROME_ARGS="$words --enable-logging=stderr --disable-gpu-sandbox"
    seconds=$(at_most 15)
    test "$seconds" -lt 5 && break
    VK_LOADER_DEBUG=error,warn,driver DEBUG=pw:browser timeout -k 2 "$seconds" "$NODE" program/browser-gpu.js > "$OUT/adapter.txt" 2> >(head -c 200000 > "$OUT/adapter.err.txt")
    code=$?
    echo "Chromium with '$words': rc $code, $((SECONDS - start)) s"
    echo "ADAPTER IN CHROMIUM: $(head -c 700 "$OUT/adapter.txt")"
    test $code = 0 || grep -iE 'vulkan|vk_|dawn|webgpu|angle|icd|GPU' "$OUT/adapter.err.txt" | grep -v -e dbus -e '<launching>' | tail -n 8 | cut -c1-300
    { echo "== '$words', rc $code"; cat "$OUT/adapter.txt" "$OUT/adapter.err.txt"; } >> "$OUT/adapters.txt"
    # a software adapter is enough to try the scripts
    if test -n "$SMALL" && test $code = 3; then code=0; fi
    if test $code = 0; then
      JUDGE_CHROME_ARGS="$words --disable-gpu-sandbox"
      echo "$JUDGE_CHROME_ARGS" > "$here/browser-found"
      return 0
    fi
  done
  echo "NO GPU IN THE BROWSER: nothing is measured in pages"
  return 1
}
