#!/usr/bin/env python3
"""Writes files as PyTorch saves them to Tests/Fixtures/pytorch/, and what is in them to expected.json."""

import collections
import json
import os
import pathlib

import torch

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "pytorch"


def network():
  torch.manual_seed(5)
  model = torch.nn.Sequential(
    collections.OrderedDict(
      conv=torch.nn.Conv2d(1, 2, 3), norm=torch.nn.BatchNorm2d(2), flatten=torch.nn.Flatten(),
      head=torch.nn.Linear(8, 3)))
  model(torch.randn(4, 1, 4, 4))  # moves the statistics of the normalisation
  return model


def types():
  values = torch.tensor([0.0, -0.0, 1.0, -1.5, 3.140625, 100.0, -0.25, 2.0**-14])
  types = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "uint16", "uint32"]
  tensors = {name: values.abs().to(getattr(torch, name)) if "u" in name else values.to(getattr(torch, name))
             for name in types}
  return tensors | {"bool": values > 0.5, "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3)}


def views():
  base = torch.arange(24.0).reshape(4, 6)
  return {
    "base": base, "tied": base, "part": base[1:3, 2:5], "transposed": base.T, "steps": base[::2, 1::2],
    "expanded": base[1].expand(3, 6), "channels last": torch.arange(16.0).reshape(1, 2, 2, 4).to(
      memory_format=torch.channels_last), "last": base[3, 5],
  }


def checkpoint():
  model = network()
  optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
  model(torch.randn(4, 1, 4, 4)).square().sum().backward()
  optimizer.step()
  return {
    "epoch": 3, "loss": -0.25, "name": "größer", "flags": [True, False, None], "size": torch.Size([2, 3]),
    "large": 2**40, "negative": -70000, "model": model.state_dict(), "optimizer": optimizer.state_dict(),
    "parameter": torch.nn.Parameter(torch.tensor([1.0, 2.0])),
  }


class Command:
  def __reduce__(self):
    return os.system, ("true",)


FILES = {
  "network.pt": (lambda: network().state_dict(), {}),
  "types.pt": (types, {}),
  "views.pt": (views, {}),
  "checkpoint.pt": (checkpoint, {}),
  "checkpoint-protocol-5.pt": (checkpoint, {"pickle_protocol": 5}),
  "bare.pt": (lambda: torch.arange(6.0).reshape(2, 3), {}),
}
REFUSED = {
  "module.pt": (lambda: torch.nn.Linear(2, 1), {}),
  "command.pt": (lambda: {"weight": torch.zeros(2), "extra": Command()}, {}),
  "legacy.pt": (lambda: {"weight": torch.zeros(2)}, {"_use_new_zipfile_serialization": False}),
}


def flattened(value, path=()):
  if isinstance(value, torch.Tensor):
    yield ".".join(path), value
  elif isinstance(value, dict):
    for key, item in value.items():
      yield from flattened(item, (*path, str(key)))
  elif isinstance(value, (list, tuple)):
    for index, item in enumerate(value):
      yield from flattened(item, (*path, str(index)))


def main():
  FOLDER.mkdir(parents=True, exist_ok=True)
  expected = {}
  for name, (make, options) in (FILES | REFUSED).items():
    value = make()
    torch.save(value, FOLDER / name, **options)
    if name in FILES:
      expected[name] = {
        path: {"type": str(tensor.dtype), "shape": list(tensor.shape), "values": tensor.reshape(-1).tolist()}
        for path, tensor in flattened(value)}
  lines = [f"{json.dumps(name)}: {json.dumps(tensors)}" for name, tensors in expected.items()]
  (FOLDER / "expected.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
  main()
