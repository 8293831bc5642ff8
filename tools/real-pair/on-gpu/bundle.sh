#!/usr/bin/env bash
# bundle.sh OUT.tar.xz LIBRARY QUESTIONS.jsonl [HEAD.safetensors] [MORE…]: everything but the models for a machine with a GPU and without Node's
# packages: judge, gpu-report (with Node, the engine's library and the pocket pair), the anchors and these scripts. MORE: files that go
# beside them, as the gguf wheel. node-llama-cpp travels where it is installed in tools/bench/anchors. A LIBRARY of - and WITHOUT_NODE=1 leave
# both out: NODE and JUDGE_CUDA_LIBRARY name them there.
set -e
here=$(cd "$(dirname "$0")" && pwd) tools=$here/../..
out=$(realpath "$1") questions=$(realpath "$3")
head=${4:+$(realpath "$4")}
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
library=$made/none.so
test "$2" = - && touch "$library" || library=$(realpath "$2")
(cd "$tools/portable" && node bundle.mjs --out "$made/judge.tar" --cuda "$library" --without-node)
(cd "$tools/gpu-report" && node bundle.mjs --out "$made/report.tar" --library "$library" --with-pair ${WITHOUT_NODE:+--without-node})
folder=$made/real-pair
mkdir -p "$folder/anchors"
tar xf "$made/judge.tar" -C "$folder"
tar xf "$made/report.tar" -C "$folder"
rm "$folder/judge/libjudge_cuda.so"
if test "$2" = -; then
  rm "$folder/gpu-report/libjudge_cuda.so"
else
  ln -s ../gpu-report/libjudge_cuda.so "$folder/judge/libjudge_cuda.so"
fi
test -n "$WITHOUT_NODE" || ln -s ../gpu-report/node "$folder/judge/node"
cp "$tools"/bench/anchors/*.mjs "$tools"/bench/anchors/*.py "$folder/anchors/"
if test -d "$tools/bench/anchors/node_modules"; then
  cp -r "$tools/bench/anchors/node_modules" "$folder/anchors/"
  # what only transformers.js needs
  (cd "$folder/anchors/node_modules" && rm -rf @huggingface/transformers @img onnxruntime-* sharp)
fi
cp "$here"/*.sh "$here"/*.mjs "$folder/"
cp "$questions" "$folder/questions.jsonl"
test -z "$head" || cp "$head" "$folder/head.safetensors"
for more in "${@:5}"; do cp "$more" "$folder/"; done
tar cJf "$out" -C "$made" real-pair
ls -l "$out"
