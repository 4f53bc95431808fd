#!/usr/bin/env python3
"""Writes the reference numbers the Swift tests compare with to Tests/Fixtures/, or with --check compares them."""

import argparse
import importlib
import os
import pathlib
import sys

# One code path on every x86-64 machine, so that the last digits depend on it as little as possible.
os.environ["ATEN_CPU_CAPABILITY"] = "default"
os.environ["MKL_CBWR"] = "COMPATIBLE"

import torch

from fixtures import values

DOCUMENTS = {
  "initializers": "initializers", "layers": "layers", "losses": "losses", "metrics": "metrics", "ops": "ops",
  "optimizers": "optimizers", "torchLayers": "torch_layers",
}
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures"
LARGEST = 1_500_000


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument("--check", action="store_true", help="write nothing; fail where a file would change")
  parser.add_argument("documents", nargs="*", metavar="document", help=f"{', '.join(DOCUMENTS)}; all if none is named")
  arguments = parser.parse_args()
  check = arguments.check
  torch.set_num_threads(1)
  torch.use_deterministic_algorithms(True)
  changed = []
  for name in arguments.documents or DOCUMENTS:
    module = importlib.import_module(f"fixtures.{DOCUMENTS[name]}")
    content = values.text(module.document()).encode()
    assert len(content) < LARGEST, f"{name}.json has {len(content)} bytes"
    path = FOLDER / f"{name}.json"
    same = path.exists() and path.read_bytes() == content
    print(f"{path.name}: {len(content)} bytes, {'unchanged' if same else 'changed'}")
    if not same:
      changed.append(path.name)
    if not (same or check):
      FOLDER.mkdir(parents=True, exist_ok=True)
      path.write_bytes(content)
  return 1 if check and changed else 0


if __name__ == "__main__":
  sys.exit(main())
