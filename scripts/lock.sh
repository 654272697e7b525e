#!/usr/bin/env bash
# Remakes requirements.lock and environment.yml from requirements.in.
#
# The lock is universal: one file for CPython 3.11 to 3.13 on Linux and macOS, every file named by its sha256. Pins
# that still fit are kept; `UPGRADE=1 make lock` moves all of them to the newest versions. Needs uv; the rest of the kit
# does not.
set -euo pipefail
cd "$(dirname "$0")/.."

uv="${UV:-uv}"
if ! command -v "$uv" > /dev/null; then
    echo "make lock: expected uv on the PATH (or UV=/path/to/uv), found none." >&2
    echo "Install it with: python3 -m pip install uv" >&2
    exit 1
fi

"$uv" pip compile requirements.in --output-file requirements.lock ${UPGRADE:+--upgrade} --quiet \
    --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links

# A registry's address has no place in a shared lock.
if grep -nE '(https?|file)://' requirements.lock; then
    echo "make lock: requirements.lock names an address (above); every line must be NAME==VERSION with hashes." >&2
    exit 1
fi
.venv/bin/python scripts/write_environment.py
