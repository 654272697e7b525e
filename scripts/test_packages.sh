#!/usr/bin/env bash
# What the tests need beside Python, from Debian's packages: a PostgreSQL server, and libseccomp for isolation.
# Does nothing where they are there already.
set -euo pipefail

missing=()
compgen -G "/usr/lib/postgresql/*/bin/initdb" > /dev/null || command -v initdb > /dev/null || missing+=(postgresql)
ldconfig -p | grep -q libseccomp.so.2 || missing+=(libseccomp2)
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
    echo "The tests need: ${missing[*]}. Debian, Ubuntu: sudo apt-get install ${missing[*]}" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
