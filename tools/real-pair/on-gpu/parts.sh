#!/usr/bin/env bash
# parts.sh few | answers TYPE | heads TYPE: a part of gpu-report in a folder of its own; `gpu-report/run join` puts them together
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
report() {
  local out=$1
  shift
  ${REPORT:-gpu-report/run} "$@" --seconds 1200 --out "$out"
}
pair=(real-pair --target "${TARGET:-target.gguf}" --draft "${DRAFT:-draft.gguf}" --questions questions.jsonl)
case $1 in
few) report real-few "${pair[@]}" --only 'few bits' ;;
answers) report "real-$2" "${pair[@]}" --only "$2 " ;;
heads)
  # the head that judge uses first
  report "heads-$2" heads --only "$2 pre-norm-and-previous" && report "heads-$2" heads --only " $2 "
  ;;
esac && touch "log/$1${2:+-$2}.done"
