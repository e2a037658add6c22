#!/usr/bin/env bash
# bundle.sh SOURCE_DIR BUILD_DIR: packs the build by tests/bundle, unpacks it in a root that has a shell, glibc and (where the
# program needs it) the CUDA runtime and nothing else, and runs it there. Passes when every part ran and its JSON says so.
set -euo pipefail
source=$1 build=$2
unshare --mount true 2>/dev/null || { echo "skipped: a root directory of its own needs root"; exit 77; }
work=$(mktemp -d "$build/bundle-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root"/{bin,lib64,tmp,dev/shm,proc,etc}
"$source/tests/bundle" --build "$build" -o "$work/bundle.tar.gz"
tar -C "$root" -xzf "$work/bundle.tar.gz"

tools=(bash cat date mkdir awk tail rm uname basename dirname grep env)
copy() { mkdir -p "$root$(dirname "$1")" && cp -L "$1" "$root$1"; }
for tool in "${tools[@]}"; do
    path=$(command -v "$tool")
    cp -L "$path" "$root/bin/$tool"
    for library in $(ldd "$path" | grep -o '/[^ ]*'); do copy "$library"; done
done
for library in $(ldd "$build/nocturne" "$build/test_conformance" | grep -oE '/[^ ]*/(lib(c|m|pthread|dl|rt|resolv|cudart|cufft|nvJitLink)\.so[^ ]*|ld-linux[^ ]*)' | sort -u); do
    copy "$library"
done
mkdir -p "$root/usr/bin"
ln -s /bin/bash "$root/bin/sh"
ln -s /bin/env "$root/usr/bin/env"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 444 "$root/dev/urandom" c 1 9

cuda=$(ldd "$build/nocturne" | { grep -oE '/[^ ]*/libcufft[^ ]*' || true; } | head -n 1 | xargs -r dirname)
# shellcheck disable=SC2016
env -i "PATH=$PATH" HOME=/tmp "LD_LIBRARY_PATH=$cuda" unshare --mount bash -c '
    mount --bind /proc "$1/proc" && mount -t tmpfs tmpfs "$1/dev/shm" &&
    PATH=/bin exec "$2" "$1" /nocturne-bundle/run --quick /tmp/out' bundle "$root" "$(command -v chroot)"
python3 - "$root/tmp/out/results.json" <<'PYTHON'
import json
import sys

results = json.load(open(sys.argv[1]))
assert results["bundle"]["code_version"], "no code version"
ran = [t for suite in results["conformance.json"]["testsuites"] for t in suite["testsuite"] if t["result"] != "SKIPPED"]
assert len(ran) >= 40 and results["conformance.json"]["failures"] == 0, (len(ran), results["conformance.json"]["failures"])
assert results["property.json"]["failures"] == 0
assert results["job_kokkos.outcome"]["exit_code"] == 0
assert results["images_kokkos.json"][0]["noise_jy"] > 0
print("the bundle runs on its own:", len(ran), "conformance tests,",
      results["job_kokkos.outcome"]["wall_s"], "s for the job")
PYTHON
