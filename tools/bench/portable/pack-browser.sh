#!/usr/bin/env bash
# Packs a Chromium of this machine (x64 Linux) with the libraries and a font it needs, for a machine without one:
#     pack-browser.sh PROGRAM OUT.tar.xz     # Debian's chromium-headless-shell is a fifth smaller than chromium
#     PRESET=2 packs in a fifth of the time, a fifth larger
# What it makes is a folder `browser` with a script `chromium`; unpacked beside `webgpu`, browser.sh finds it. Not carried are the
# C library, which the other machine's must be no older than, and a GPU's driver.
set -e
program=$(realpath "$1")
out=$(realpath -m "$2")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/browser/libraries" "$root/browser/fonts"
cp "$program" "$root/browser/program"
# what it looks for beside itself; of two folders where a package shares another's
for folder in "$(dirname "$program")" /usr/lib/chromium; do
  for file in icudtl.dat v8_context_snapshot.bin snapshot_blob.bin libEGL.so libGLESv2.so libvulkan.so.1 libvk_swiftshader.so vk_swiftshader_icd.json headless_command_resources.pak headless_lib_data.pak headless_lib_strings.pak; do
    if test -f "$folder/$file" && ! test -e "$root/browser/$file"; then cp -L "$folder/$file" "$root/browser/"; fi
  done
done
ldd "$program" | awk '$3 ~ /^\// { print $1, $3 }' | grep -vE '^(libc|libm|libpthread|libdl|librt|libgcc_s|libstdc\+\+)\.so' | while read -r name path; do
  cp -L "$path" "$root/browser/libraries/$name"
done
# opened by name: NSS's modules
for name in libsoftokn3.so libfreebl3.so libfreeblpriv3.so libnssckbi.so; do
  path=$(ldconfig -p | awk -v name="$name" '$1 == name { print $NF; exit }')
  test -z "$path" || cp -L "$path" "$root/browser/libraries/"
done
font=$(fc-list : file | grep -m1 -E 'DejaVuSans\.ttf' | cut -d: -f1)
cp "$font" "$root/browser/fonts/"
cat > "$root/browser/fonts.conf" <<'F'
<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir prefix="relative">fonts</dir><cachedir>/tmp/judge-fonts</cachedir></fontconfig>
F
cat > "$root/browser/chromium" <<'F'
#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
export LD_LIBRARY_PATH="$here/libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/program" "$@"
F
chmod +x "$root/browser/chromium" "$root/browser/program"
XZ_OPT="--x86 --lzma2=preset=${PRESET:-6}" tar -caf "$out" -C "$root" browser
ls -l "$out"
