#!/usr/bin/env bash
# Takes out each thing that wipes, one at a time, runs the matrix of `tests/tests/residue.rs` up to 100 KiB, and writes to
# `docs/residue.md` how many invocations then leave something. With names of mechanisms as arguments it runs those alone and
# writes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A what=(
    [none]="nothing"
    [allocator]="\`WipingAlloc\`: freed heap"
    [stack]="stacks, all of it"
    [last-frames]="stacks: the wipe's own frames"
    [park]="the wipe when a thread comes to rest"
    [registers]="vector registers"
    [blocking]="threads of the blocking pool"
    [buffers]="the exchange's buffers"
    [apart]="futures on the heap, polled apart"
    [padding]="the stack before a thread is made"
    [swept]="the stack before a concurrent worker is polled"
    [secrets]="\`Secret\`'s own wipe"
)
order=(none allocator buffers apart stack last-frames park swept blocking padding registers secrets)
page=docs/residue.md
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
wrappers=$target/ablations
mkdir -p "$wrappers"
table=$(mktemp)
trap 'rm -f "$table"' EXIT

# The tests themselves are built once, and run with one function after another.
matrix=$(cargo test --locked --release -p secure-tests --test residue --no-run 2>&1 | sed -n 's/.*Executable.*(\(.*\))/\1/p')
case $matrix in /*) ;; *) matrix=$PWD/$matrix ;; esac

echo "| taken out | one thread | two workers | 8 at once | registers, in all three |"
echo "| --- | --- | --- | --- | --- |"
for name in "${@:-${order[@]}}"; do
    # A wrapper of its own for each, so that cargo keeps what it has built, and dependencies are built once.
    wrapper=$wrappers/$name
    printf '#!/bin/sh\nexec "$@" -A unused --cfg '\''ablate="%s"'\''\n' "$name" >"$wrapper"
    [ "$name" = none ] && printf '#!/bin/sh\nexec "$@"\n' >"$wrapper"
    chmod +x "$wrapper"
    log=$wrappers/$name.log
    function=$wrappers/residue-$name
    RUSTC_WORKSPACE_WRAPPER=$wrapper cargo build --quiet --locked --release -p secure-tests --bin residue
    cp "$target/release/residue" "$function"
    RESIDUE=most RESIDUE_FUNCTION=$function "$matrix" nothing --nocapture --test-threads=1 >"$log" 2>&1 || true
    # `residue: <name>: <dirty in memory> <dirty in registers> <all>`
    dirty() { sed -n "s/.*residue: $1: \([0-9]*\) [0-9]* \([0-9]*\)\$/\1 of \2/p" "$log"; }
    registers=$(sed -n 's/.*residue: [a-z ]*: [0-9]* \([0-9]*\) [0-9]*$/\1/p' "$log" | awk '{ sum += $1 } END { print sum }')
    echo "| ${what[$name]} | $(dirty 'one thread') | $(dirty workers) | $(dirty concurrent) | ${registers:-} |"
done | tee "$table"

[ $# -gt 0 ] && exit
{
    sed '/<!-- measured/q' "$page"
    echo
    echo "| taken out | one thread | two workers | 8 at once | registers, in all three |"
    echo "| --- | --- | --- | --- | --- |"
    cat "$table"
    echo
    sed -n '/<!-- end of what was measured/,$p' "$page"
} >"$table.page"
mv "$table.page" "$page"
