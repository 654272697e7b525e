#!/usr/bin/env bash
# Installs what the tests need beside Python, from the packages of Debian or Ubuntu: a PostgreSQL server, libseccomp
# and bubblewrap for isolation, Chromium with MathJax for what pages do. Does nothing where they are there already; says
# what is missing where it may not install.
set -euo pipefail
PATH="$PATH:/usr/sbin:/sbin" # where ldconfig is, which an ordinary account's PATH leaves out

missing=()
compgen -G "/usr/lib/postgresql/*/bin/initdb" > /dev/null || command -v initdb > /dev/null || missing+=(postgresql)
[[ "$(ldconfig -p 2> /dev/null)" == *libseccomp.so.2* ]] || missing+=(libseccomp2)
command -v bwrap > /dev/null || missing+=(bubblewrap)
command -v chromium > /dev/null || missing+=(chromium)
[ -e "${MATHJAX:-/usr/share/javascript/mathjax/MathJax.js}" ] || missing+=(libjs-mathjax)
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
    echo "make test-deps: the tests need ${missing[*]}, which this machine lacks." >&2
    echo "Debian, Ubuntu: sudo apt-get install ${missing[*]}." >&2
    echo "Elsewhere: a PostgreSQL server with initdb, libseccomp 2, bubblewrap, Chromium, MathJax 2.7." >&2
    exit 1
fi
echo "Installing ${missing[*]}, which the tests need."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
