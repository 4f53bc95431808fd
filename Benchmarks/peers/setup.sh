#!/usr/bin/env bash
# Makes the throw-away Python environment .venv beside this script and installs the pinned packages into it.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
"${PYTHON:-python3}" -m venv --clear .venv
.venv/bin/python -m pip install --quiet --requirement requirements.txt
.venv/bin/python -c '
import numpy, safetensors, scipy, sklearn, torch
for module in (numpy, safetensors, scipy, sklearn, torch):
  print(module.__name__, module.__version__)
'
