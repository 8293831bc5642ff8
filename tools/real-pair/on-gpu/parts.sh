#!/usr/bin/env bash
# parts.sh few-TYPE | answers-TYPE | usual-TYPE | heads-TYPE …: parts of gpu-report one after another, a folder for each type;
# `gpu-report/run join` puts them together. Whoever ends well is not begun again.
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
failed=
report() {
  local out=$1
  shift
  say "$out: $*"
  # shellcheck disable=SC2086
  ${REPORT:-gpu-report/run} "$@" $QUICK --seconds 1200 --out "$out"
  local rc=$?
  test $rc = 0 || failed=yes
  say "$out ended: $rc"
}
pair=(real-pair --target "${TARGET:-target.gguf}" --draft "${DRAFT:-draft.gguf}" --questions questions.jsonl)
few_runs() { alive few-int8 || alive few-fp8 || alive few-int4; }
for step in "$@"; do
  type=${step#*-}
  case $step in
  few-*) report "real-few-$type" "${pair[@]}" --only "few bits, $type" ;;
  answers-*)
    while few_runs; do sleep 1; done
    report "real-$type" "${pair[@]}" --only "answers, $type "
    ;;
  # the head that judge uses
  usual-*) report "heads-$type" heads --only "$type pre-norm-and-previous" ;;
  heads-*) report "heads-$type" heads --only " $type " ;;
  esac
done
test -n "$failed" || for name in log/*.pid; do test "$(cat "$name")" != $$ || touch "${name%.pid}.done"; done
