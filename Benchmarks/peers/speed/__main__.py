"""`python -m speed --engine pytorch --workload mlp`: times a peer and prints one JSON object a line."""

import argparse
import importlib
import json
import os
import sys

ENGINES = {
  "pytorch": ("pytorch", False),
  "torch-compile": ("pytorch", True),
  "jax": ("jax_xla", False),
  "keras": ("keras_tensorflow", False),
  "onnxruntime": ("onnx_runtime", False),
  "onednn": ("onednn", False),
}


def settle_threads(count):
  """Before anything is imported: one thread is one core, so that no library can have a second one unnoticed."""
  if count == 1:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
  os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(count)


def main():
  parser = argparse.ArgumentParser(prog="speed", description=__doc__)
  parser.add_argument("--engine", choices=ENGINES, required=True)
  parser.add_argument("--workload", action="append", default=[], help="may be repeated")
  parser.add_argument("--group", action="append", default=[], help="all workloads of a group; may be repeated")
  parser.add_argument("--seconds", type=float, default=1.0)
  parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
  parser.add_argument("--driven", action="store_true", help="take orders from standard input; see OrderTaker.swift")
  arguments = parser.parse_args()
  settle_threads(arguments.threads)

  from . import common
  from .timing import timing

  module_name, compiled = ENGINES[arguments.engine]
  module = importlib.import_module(f".{module_name}", __package__)
  engine = module.Engine(arguments.threads, compiled)
  workloads = common.workloads()

  def prepare(name):
    if workloads[name].get("precision", "float32") not in getattr(engine, "precisions", ["float32"]):
      return None
    try:
      return engine.prepare(workloads[name])
    except common.Unsupported:
      return None

  def report(name, prepared, seconds):
    return {
      "workload": name, "engine": arguments.engine, "threads": arguments.threads,
      **timing(prepared, seconds), "check": prepared.check,
    }

  def answer(value):
    print(json.dumps(value), flush=True)

  if not arguments.driven:
    names = arguments.workload + [n for n, w in workloads.items() if w["group"] in arguments.group]
    for name in names:
      prepared = prepare(name)
      if prepared:
        answer(report(name, prepared, arguments.seconds))
    return

  answer({"version": module.version})
  current = None
  for line in sys.stdin:
    order, *rest = line.split()
    if order == "prepare":
      current = None
      prepared = prepare(rest[0])
      current = prepared and (rest[0], prepared)
      answer({"check": prepared.check} if prepared else {"unsupported": rest[0]})
    elif order == "first":
      common.only_first_step = True
      answer({"check": prepare(rest[0]).check})
    elif order == "bandwidth":
      answer({"gigabytesPerSecond": module.bandwidth(float(rest[0]))})
    elif order == "time":
      answer(report(*current, float(rest[0])))
    elif order == "release":
      current = None
      answer({"released": True})


main()
