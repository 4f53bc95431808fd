"""`compare.sh`: times Descent and the peers in turns, checks that all found the same numbers, writes the tables."""

import argparse
import json
import os
import pathlib
import shlex
import sys
import tempfile

from speed import common

from . import charts, table
from .contestant import BENCHMARKS, Contestant
from .machine import describe, revision
from .measuring import Turn, measure
from .starting import measure_starts

ENGINES = ["descent", "pytorch", "torch-compile", "jax", "keras", "onnxruntime", "onednn"]


def arguments():
  parser = argparse.ArgumentParser(prog="compare.sh", description=__doc__)
  parser.add_argument("--workload", action="append", default=[], help="may be repeated")
  parser.add_argument("--group", action="append", default=[], help="all workloads of a group; may be repeated")
  parser.add_argument("--engine", action="append", choices=ENGINES[1:], help="peers to run; all where none is named")
  parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
  parser.add_argument("--rounds", type=int, default=7)
  parser.add_argument("--seconds", type=float, default=0.3, help="for each engine in each round")
  parser.add_argument(
    "--starts", action="store_true",
    help="measure, instead of steps, planning, the time from the start of a process to its first step, and its memory")
  parser.add_argument("--lock", help="a file to hold locked while timing, for builds on the same machine to wait for")
  parser.add_argument("--results", type=pathlib.Path, default=BENCHMARKS / "results", help="the folder to write to")
  return parser.parse_args()


def chosen(options, workloads):
  groups = options.group or ([] if options.workload else ["steps"])
  unknown = set(options.workload) - set(workloads)
  if unknown:
    raise SystemExit(f"there is no workload {', '.join(sorted(unknown))}")
  return [w for w in workloads.values() if w["name"] in options.workload or w["group"] in groups]


def say(workload, row):
  parts = [
    f"{engine} {table.duration(entry['microseconds'])} ({table.ratio_text(entry['ratio'])})"
    for engine, entry in row["engines"].items()
  ]
  print(f"{row['workload']}: {', '.join(parts)}; {row['disturbed']} rounds disturbed", flush=True)


def main():
  options = arguments()
  workloads = common.workloads()
  path = options.results / "speed.json"
  results = json.loads(path.read_text()) if path.exists() else {"machine": {}, "commands": [], "rows": []}
  results.setdefault("starts", [])
  command = shlex.join(["Benchmarks/compare.sh", *without_lock(sys.argv[1:])])
  if command not in results["commands"]:
    results["commands"].append(command)
  with tempfile.TemporaryFile("w+") as log:
    contestants = []
    turn = Turn(options.lock)
    built = revision()
    order = list(workloads)

    def keep(kind, row):
      row["revision"] = built
      kept = [r for r in results[kind] if (r["workload"], r["threads"]) != (row["workload"], row["threads"])]
      results[kind] = sorted(kept + [row], key=lambda r: (-r["threads"], order.index(r["workload"])))
      write(options.results, results, workloads)

    try:
      for engine in [] if options.starts else ["descent"] + (options.engine or ENGINES[1:]):
        contestants.append(Contestant(engine, options.threads, log))
      # A run of few engines leaves what is known of the others.
      versions = results["machine"].get("versions", {})
      results["machine"] = describe(contestants)
      results["machine"]["versions"] = versions | results["machine"]["versions"]
      if options.starts:
        for workload in chosen(options, workloads):
          keep("starts", measure_starts(workload, options.threads, log, turn))
        return
      for workload in chosen(options, workloads):
        row = measure(workload, contestants, options.rounds, options.seconds, turn, say)
        if row:
          keep("rows", row)
    except Exception:
      log.seek(0)
      sys.stderr.write(log.read()[-4000:])
      raise
    finally:
      turn.give_back()
      for contestant in contestants:
        contestant.close()


def without_lock(words):
  kept = list(words)
  if "--lock" in kept:
    position = kept.index("--lock")
    del kept[position : position + 2]
  return kept


def write(folder, results, workloads):
  folder.mkdir(exist_ok=True)
  lines = lambda kind: ",\n".join("    " + json.dumps(row) for row in results[kind])
  head = json.dumps({key: results[key] for key in ("machine", "commands")}, indent=2)[:-2]
  lists = "".join(f',\n  "{kind}": [\n{lines(kind)}\n  ]' for kind in ("rows", "starts"))
  (folder / "speed.json").write_text(f"{head}{lists}\n}}\n")
  (folder / "speed.md").write_text(table.page(results, workloads, charts.write(folder, results["rows"])))


main()
