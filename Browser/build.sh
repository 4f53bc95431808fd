#!/bin/sh
# Compiles the core, the CPU engine, the training rules and the playground to one WebAssembly module with nothing but a
# Swift toolchain, and prints the module's size in bytes. The module is .build/wasm/descent.wasm.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
out="$root/.build/wasm"
module="$out/descent.wasm"

# The toolchain's own tools lie beside its compiler, wherever the compiler on PATH leads.
resources=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
PATH="$resources/../../bin:$PATH"
embedded="$resources/embedded"
target=wasm32-unknown-none-wasm
for needed in clang wasm-ld; do
  command -v $needed >/dev/null || { echo "build.sh: $needed is missing from the Swift toolchain" >&2; exit 69; }
done

sources="$root/Sources/DescentKernels $root/Sources/DescentCore $root/Sources/DescentCPU $root/Sources/DescentRules
  $root/Sources/DescentPlayground $root/Browser"
if [ -f "$module" ] && [ -z "$(find $sources -newer "$module")" ]; then
  echo "$(wc -c <"$module") bytes"
  exit 0
fi

work="$out/objects"
rm -rf "$work" "$module"
mkdir -p "$work/include"
cp "$root/Sources/DescentKernels/include/DescentKernels.h" "$work/include"
echo 'module DescentKernels { header "DescentKernels.h" export * }' >"$work/include/module.modulemap"

for source in "$root"/Sources/DescentKernels/*.c "$root"/Browser/Support/*.c; do
  clang --target=wasm32 -msimd128 -mbulk-memory -ffreestanding -Os -I "$work/include" \
    -c "$source" -o "$work/$(basename "$source" .c).o"
done

for name in DescentCore DescentCPU DescentRules DescentPlayground; do
  swiftc -target $target -enable-experimental-feature Embedded -wmo -Osize -lto=llvm-full -parse-as-library \
    -swift-version 6 -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility \
    -enable-upcoming-feature InternalImportsByDefault -Xfrontend -disable-stack-protector \
    -package-name descent -module-name $name -I "$work/include" -I "$work" \
    -emit-module -emit-module-path "$work/$name.swiftmodule" -c $(find "$root/Sources/$name" -name '*.swift' | sort) \
    -o "$work/$name.o"
done

wasm-ld --no-entry --gc-sections --strip-all --lto-O2 -mllvm --enable-merge-functions --stack-first -z stack-size=1048576 \
  "$work"/*.o "$embedded/$target/libswiftUnicodeDataTables.a" -o "$work/descent.wasm"
mv "$work/descent.wasm" "$module"
echo "$(wc -c <"$module") bytes"
