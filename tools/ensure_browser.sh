#!/bin/sh
# See to it that the browser tests find a Chromium: the system's, else apt's where we may install, else Playwright's own.
# $1 is the folder of the environment's programs.
set -eu
bin=$1

have_browser() {
    command -v chromium || command -v chromium-browser || command -v google-chrome
}

have_browser >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -qq --yes --no-install-recommends chromium fonts-dejavu-core && exit 0
    echo "apt-get could not install chromium; trying Playwright's own" >&2
fi
"$bin/playwright" install chromium || {
    echo "No browser for the tests: install chromium with your package manager, then run make test again." >&2
    exit 1
}
