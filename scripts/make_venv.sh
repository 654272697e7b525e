#!/usr/bin/env bash
# Usage: scripts/make_venv.sh PYTHON FOLDER
# Makes the virtual environment, or says what is missing on this machine and what to do about it.
set -euo pipefail
python="$1"
folder="$2"

stop() {
    printf 'make env: %s\n' "$@" >&2
    exit 1
}

command -v "$python" > /dev/null ||
    stop "expected Python 3.11, 3.12 or 3.13 as '$python', found none." \
        "Install one (Debian, Ubuntu: apt install python3 python3-venv), or name it: make env PYTHON=/path/to/python3.12"

version="$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" ||
    stop "'$python' does not start (its message is above). Name another one: make env PYTHON=/path/to/python3.12"
case "$version" in
    3.11 | 3.12 | 3.13) ;;
    *) stop "expected Python 3.11, 3.12 or 3.13, found $version ($(command -v "$python"))." \
        "Install one of these, or name it: make env PYTHON=/path/to/python3.12" ;;
esac

# An environment of a different Python cannot be repaired, only rebuilt.
if [ -x "$folder/bin/python" ]; then
    present="$("$folder/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2> /dev/null || echo none)"
    if [ "$present" = "$version" ] && "$folder/bin/python" -m pip --version > /dev/null 2>&1; then
        exit 0
    fi
    echo "$folder (Python $present) cannot be used as it is; rebuilding it with Python $version."
fi

"$python" -c 'import ensurepip, venv' 2> /dev/null ||
    stop "'$python' ($version) comes without venv or ensurepip." \
        "Debian, Ubuntu: apt install python$version-venv. Elsewhere: install a complete Python and name it: make env PYTHON=..."
"$python" -m venv --clear "$folder" ||
    stop "'$python -m venv $folder' failed (its message is above)."
