#!/usr/bin/env bash
# Makes the throw-away Python environment .venv-speed beside this script, installs the pinned packages into it, and, where
# oneDNN's headers are installed (on Debian: libdnnl-dev), compiles the few lines of C that call it.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
"${PYTHON:-python3}" -m venv --clear .venv-speed
.venv-speed/bin/python -m pip install --quiet --requirement requirements-speed.txt
if ! "${CC:-cc}" -O3 -march=native -fopenmp -shared -fPIC speed/native.c -ldnnl -o .venv-speed/libnative.so; then
  echo "without oneDNN and the triad: speed/native.c did not compile (it needs a C compiler, OpenMP and oneDNN)" >&2
fi
.venv-speed/bin/python -m pip list 2>&- | grep -E '^(jax|keras|onnx|onnxruntime|tensorflow[_-]cpu|torch) '
