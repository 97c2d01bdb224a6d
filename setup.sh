#!/bin/sh
# Sets up .venv with the program and its models: `sh setup.sh`, or with an extra: `sh setup.sh serve`, `ray`, or `dev` with
# what the tests need. What is installed is what requirements/ names, to the byte.
# PYTHON names another interpreter than python3, VENV another folder than .venv.
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}
venv=${VENV:-.venv}

# MediaPipe's library opens these even where nothing is drawn; desktops have them, bare servers do not.
packages="libgl1 libglib2.0-0 libegl1 libgles2"
probes="libGL.so.1 libglib-2.0.so.0 libEGL.so.1 libGLESv2.so.2"
if [ "${1:-}" = dev ]; then
    packages="$packages chromium strace libimage-exiftool-perl poppler-utils librsvg2-bin libcairo2"
fi
missing=""
for probe in $probes; do
    ldconfig -p 2>/dev/null | grep -q "$probe" || missing=yes
done
if [ "${1:-}" = dev ]; then
    for probe in chromium strace exiftool pdftoppm rsvg-convert; do
        command -v $probe >/dev/null || missing=yes
    done
fi
if [ -n "$missing" ] && [ "$(uname)" = Linux ]; then
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $packages >/dev/null
    else
        echo "If something fails for want of a library, install: $packages" >&2
    fi
fi

# Pages take half of the processor in it; the tests go on with the whole Chromium where it cannot be had.
lean=chromium-headless-shell
if [ "${1:-}" = dev ] && ! command -v $lean >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    {
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $lean || {
            apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $lean
        }
    } >/dev/null 2>&1 || true
fi

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
install() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
}
# What the tests need is a lot: uv, which is among it, unpacks that in a tenth of the time. Where it cannot, pip does.
if [ "${1:-}" = dev ]; then
    sed -n '/^uv==/,/[^\\]$/p' requirements/dev.txt >"$venv/uv.txt"
    install --require-hashes -r "$venv/uv.txt"
    "$venv/bin/uv" pip install --quiet --python "$venv" --require-hashes -r requirements/dev.txt || true
fi
install --require-hashes -r "requirements/${1:-run}.txt"
install --no-deps --no-build-isolation -e .
"$venv/bin/locator" setup
