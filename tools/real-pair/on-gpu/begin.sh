#!/usr/bin/env bash
# begin.sh: what needs no quiet GPU, detached, on the GPU of CUDA_VISIBLE_DEVICES: transformers' compiled step into the cache, KL of few bits,
# 200 questions in three types, the pocket pair's heads in four. Called again it goes on with what has not ended well.
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
for type in bf16 int8 fp8 int4; do begin heads-$type bash "$here/parts.sh" heads $type; done
if test -f "${TARGET:-target.gguf}" && test -f "${DRAFT:-draft.gguf}"; then
  begin few bash "$here/parts.sh" few
  for type in bf16 int8 int4; do begin answers-$type bash "$here/parts.sh" answers $type; done
  for program in node-llama-cpp transformers; do
    begin warm-$program "${NODE:-node}" "$here/warm.mjs" $program "$WORK/${TARGET:-target.gguf}" "$CONTEXT"
  done
else
  echo "no models yet: ${TARGET:-target.gguf}, ${DRAFT:-draft.gguf}"
fi
