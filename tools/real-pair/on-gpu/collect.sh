#!/usr/bin/env bash
# collect.sh FOLDER: what there is so far as FOLDER/real-pair.tar.gz, a few MB, at any moment, and where things stand
# shellcheck source=/dev/null
. "$(dirname "$0")/common.sh"
out=$1
tar czf "$out/real-pair.tar.gz" --ignore-failed-read --warning=no-file-changed -- $(ls -d log race-* real-* heads-* go.* 2> /dev/null)
ls -l "$out/real-pair.tar.gz"
tail -25 log/steps.log
for type in int4 int8 bf16; do echo "race $type: $(rows $type) rows"; done
for each in log/few-*.out log/heads-*.out log/answers-*.out log/warm-*.out; do
  test ! -f "$each" || echo "$each: $(grep -c ' s$' "$each") done; $(tail -1 "$each" | cut -c1-120)"
done
