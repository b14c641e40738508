#!/bin/sh
# Reviews every PARTS-th repository of a list, each for itself; what fails is named and the rest goes on. Started again, it
# goes on where it was ended, and tries once more what has failed. A review that lacks files that could not be read has failed
# too: what it found stands in `….incomplete.sarif`.
#   JOB_COMPLETION_INDEX=0 PARTS=16 many-repositories.sh repositories.txt reports/
set -eu
list=$1
reports=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed="$reports/failed-$JOB_COMPLETION_INDEX.txt"
: > "$failed"
awk -v n="$PARTS" -v i="$JOB_COMPLETION_INDEX" 'NF && (NR - 1) % n == i' "$list" > "$scratch/mine"
while IFS= read -r repository; do
  report="$reports/$(printf %s "$repository" | tr -c 'A-Za-z0-9.-' _).sarif"
  [ ! -s "$report" ] || continue
  incomplete="${report%.sarif}.incomplete.sarif"
  rm -rf "$scratch/source" "$incomplete"
  # Nothing of a repository is run: no hooks, no filters, no submodules.
  if git -c core.hooksPath=/dev/null clone --quiet --depth 1 -- "$repository" "$scratch/source" < /dev/null &&
    attest review --quiet --jobs 1 --no-cache --fail-on never --format sarif --output "$incomplete" "$scratch/source" < /dev/null; then
    mv "$incomplete" "$report"
  else
    printf '%s\n' "$repository" >> "$failed"
  fi
done < "$scratch/mine"
[ ! -s "$failed" ] || { echo "failed: $(wc -l < "$failed")" >&2; exit 1; }
