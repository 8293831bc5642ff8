#!/usr/bin/env bash
# race.sh TYPE PROGRAMS ARMS PROBLEMS [FLAGS…]: opens the pair and the programs of others (a list with commas), waits for the file go.TYPE,
# then runs all arms in turns. Programs that cannot be opened are left out: all are tried, then each alone, then none.
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
type=$1 programs=$2 arms=$3 problems=$4
shift 4
flags=("$@")
export ANCHORS_WAIT_FOR=$WORK/go.$type
# only PROGRAMS: whoever opens says so itself in go.TYPE.PROGRAM; the others are not waited for
only() {
  rm -f "go.$type".*
  for program in ${programs//,/ }; do
    case ,$1, in *,$program,*) ;; *) echo 'left out' > "go.$type.$program" ;; esac
  done
}
attempt() {
  only "$1"
  say "race $type begins beside ${1:-nothing}"
  "${JUDGE:-judge/run}" eval --backend "${BACKEND:-cuda}" --target "${TARGET:-target.gguf}" --draft "${DRAFT:-draft.gguf}" --dtype "$type" \
    --context "$CONTEXT" --task own --data questions.jsonl --from "${FROM:-200}" --problems "$problems" --max-tokens "${MOST:-400}" --draft-lengths 8 \
    --warm-ups 1 --out "race-$type" --arms "$arms${1:+,$1}" ${1:+--anchors anchors/on-cuda.mjs} "${flags[@]}" >> "log/race-$type.said" 2>> "log/race-$type.err"
  local rc=$?
  test $rc != 0 || touch "log/race-$type.done"
  say "race $type beside ${1:-nothing} ended: $rc"
  return $rc
}
tries=$programs
test "${programs%%,*}" = "$programs" || tries="$programs ${programs#*,} ${programs%%,*}"
for each in $tries; do
  attempt "$each" && exit
  # it was measuring: the same again goes on where it was
  test "$(rows "$type")" = 0 || { attempt "$each"; exit; }
done
only ""
until test -f "go.$type"; do sleep 0.5; done
attempt ""
