#!/usr/bin/env bash
# Regenerates requirements.lock, requirements-dev.lock and environment.yml from requirements.in and requirements-dev.in.
#
# A lock is universal: one file for CPython 3.11 to 3.13 on Linux and macOS, every file named by its sha256. The second
# is constrained by the first, so that what both name has one version. Pins that still fit are kept;
# `UPGRADE=1 make lock` moves all of them to the newest versions. Needs uv; the rest of the kit does not.
set -euo pipefail
cd "$(dirname "$0")/.."

uv="${UV:-uv}"
if ! command -v "$uv" > /dev/null; then
    echo "make lock: expected uv on the PATH (or UV=/path/to/uv), found none." >&2
    echo "Install it with: python3 -m pip install uv" >&2
    exit 1
fi

# compile NAME [OPTION ...]: NAME.in to NAME.lock
compile() {
    "$uv" pip compile "$1.in" --output-file "$1.lock" "${@:2}" ${UPGRADE:+--upgrade} --quiet \
        --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links

    # A registry's address has no place in a shared lock.
    if grep -nE '(https?|file)://' "$1.lock"; then
        echo "make lock: $1.lock names an address (above); every line must be NAME==VERSION with hashes." >&2
        exit 1
    fi
}

compile requirements
compile requirements-dev --constraints requirements.lock
.venv/bin/python scripts/write_environment.py
