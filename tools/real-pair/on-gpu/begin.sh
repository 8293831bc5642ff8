#!/usr/bin/env bash
# begin.sh [warm] [few] [heads] [answers]: what needs no quiet GPU, detached, on GPU (default 1): transformers' compiled step into the
# cache, KL of few bits, the pocket pair's heads in four types, 200 questions in three (behind KL). All of it where none is named; what
# needs models waits for another call where they are not there. Called again it goes on with what has not ended well.
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
: "${GPU:=${CUDA_VISIBLE_DEVICES:-1}}"
test $# -gt 0 || set -- warm few heads answers
models=
test -f "${TARGET:-target.gguf}" && test -f "${DRAFT:-draft.gguf}" && models=yes
for what in "$@"; do
  test -n "$models" || test "$what" = heads || { echo "$what: no models yet: ${TARGET:-target.gguf}, ${DRAFT:-draft.gguf}"; continue; }
  case $what in
  warm)
    alone "$GPU"
    for program in transformers node-llama-cpp; do
      begin warm-$program "${NODE:-node}" "$here/warm.mjs" $program "$(realpath "${TARGET:-target.gguf}")" "$CONTEXT"
    done
    ;;
  few | answers)
    shared "$GPU"
    types='int8 fp8 int4'
    test "$what" = few || types='bf16 int8 int4'
    for type in $types; do begin "$what-$type" bash "$here/parts.sh" "$what-$type"; done
    ;;
  heads)
    shared "$GPU"
    # in turns on one GPU two programs are enough, and the head that judge uses comes first
    if test -n "$CUDA_MPS_PIPE_DIRECTORY"; then
      for type in int8 bf16 int4 fp8; do begin heads-$type bash "$here/parts.sh" usual-$type heads-$type; done
    else
      begin heads-1 bash "$here/parts.sh" usual-int8 usual-bf16 heads-int8 heads-bf16
      begin heads-2 bash "$here/parts.sh" usual-int4 usual-fp8 heads-int4 heads-fp8
    fi
    ;;
  *) echo "begin.sh [warm] [few] [heads] [answers], got $what" ;;
  esac
done
