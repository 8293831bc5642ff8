# Sourced by the scripts beside it. Models, programs and results lie in WORK: the folder of these scripts, unless it is said.
here=$(cd "$(dirname "$0")" && pwd)
: "${WORK:=$here}"
mkdir -p "$WORK/log"
cd "$WORK" || exit 1
export NO_COLOR=1 PYTHON=${PYTHON:-python3} CONTEXT=${CONTEXT:-1024} CUDA_DEVICE_ORDER=PCI_BUS_ID
export JUDGE_CACHE=$WORK/cache CUDA_CACHE_PATH=$WORK/nvcache TORCHINDUCTOR_CACHE_DIR=$WORK/inductor
# the gguf package as a wheel, and the CUDA libraries of torch for node-llama-cpp, where they are
wheels=$(find "$WORK" -maxdepth 1 -name '*.whl' | tr '\n' ':')
export PYTHONPATH=$wheels$PYTHONPATH
test -f log/libraries || for name in libcudart.so.13 libcublas.so.13; do
  find /opt /usr /root -name $name 2> /dev/null | head -1 | xargs -r dirname
done > log/libraries
export LD_LIBRARY_PATH=$(tr '\n' ':' < log/libraries)$LD_LIBRARY_PATH
say() { echo "$(date +%T) $*" | tee -a log/steps.log; }
# alone GPU: programs take turns on this GPU. torch does not start under MPS, and nothing is timed under it
alone() {
  unset CUDA_MPS_PIPE_DIRECTORY
  export CUDA_VISIBLE_DEVICES=$1
}
# shared GPU: what only this engine runs may share its GPU through MPS, where that runs and MPS_OK is 1
shared() {
  if test "$MPS_OK" = 1 && test -n "$CUDA_MPS_PIPE_DIRECTORY"; then unset CUDA_VISIBLE_DEVICES; else alone "$1"; fi
}
alive() { test -f "log/$1.pid" && kill -0 "$(cat "log/$1.pid")" 2> /dev/null; }
# begin NAME COMMAND…: detached, in a process group of its own; nothing where it runs or has ended well
begin() {
  local name=$1
  shift
  test ! -f "log/$name.done" || { echo "$name is done"; return; }
  ! alive "$name" || { echo "$name runs"; return; }
  setsid nohup "$@" > "log/$name.out" 2>&1 < /dev/null &
  echo $! > "log/$name.pid"
  echo "began $name"
}
# end NAME: asks it to stop and keep what it has, then stops it
end() {
  alive "$1" || return 0
  kill -INT -- "-$(cat "log/$1.pid")" 2> /dev/null
  for _ in 1 2 3 4 5 6 7 8; do alive "$1" && sleep 0.25; done
  ! alive "$1" || kill -TERM -- "-$(cat "log/$1.pid")"
  say "cut $1"
}
rows() { cat "race-$1"/runs*.jsonl 2> /dev/null | wc -l; }
