#!/bin/sh
# Make the virtual environment $1 with the first Python that is new enough; keep the one that is there if it works.
set -eu
venv=$1
if "$venv/bin/python" -c '' 2>/dev/null; then
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$venv/bin/python" -m ensurepip
    exit 0
fi
for python in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$python cannot make environments; on Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
    exec "$python" -m venv --clear "$venv"
done
echo "Prepgraph needs Python 3.11 or newer; install it, or name it: make setup PYTHON=/path/to/python3" >&2
exit 1
