"""What a process of an engine costs beside its steps: the time to its first one, and its memory."""

import pathlib
import re
import statistics
import time

from .contestant import Contestant
from .measuring import await_quiet, now, rounded

ENGINES = ["descent", "pytorch"]
# A start of the peer takes seconds.
ROUNDS = {"descent": 7, "pytorch": 3}
TRAINING = {"training", "imageTraining", "residualTraining", "languageModel"}


def first_step(engine, workload, threads, log):
  """Milliseconds from the start of a process until it made its first training step, and those of them for planning."""
  await_quiet()
  start = time.perf_counter()
  contestant = Contestant(engine, threads, log)
  answer = contestant.order(f"first {workload['name']}")
  elapsed = (time.perf_counter() - start) * 1e3
  contestant.close()
  # The answer comes after the later steps that Descent makes to tell planning from the step itself.
  more = answer.get("laterMicroseconds", 0) / 1e3
  planning = answer.get("planningMicroseconds")
  return elapsed - more, None if planning is None else planning / 1e3


def peak_megabytes(engine, workload, threads, log):
  """The most memory that a process had resident while it prepared a workload and ran it; None where it cannot."""
  contestant = Contestant(engine, threads, log)
  try:
    if "check" not in contestant.order(f"prepare {workload['name']}"):
      return None
    contestant.order("time 0.1")
    status = pathlib.Path(f"/proc/{contestant.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1000
  finally:
    contestant.close()


def measure_starts(workload, threads, log, turn):
  row = {"workload": workload["name"], "threads": threads, "date": now(), "engines": {}}
  for engine in ENGINES:
    entry = {}
    if workload["kind"] in TRAINING:
      made = []
      for _ in range(ROUNDS[engine]):
        turn.take()
        made.append(first_step(engine, workload, threads, log))
        turn.give_back()
      entry["firstStep"] = rounded(statistics.median(first for first, _ in made))
      if engine == "descent":
        entry["planning"] = rounded(statistics.median(planning for _, planning in made))
    memory = peak_megabytes(engine, workload, threads, log)
    if memory:
      entry["memory"] = rounded(memory)
    row["engines"][engine] = entry
  print(f"{row['workload']}: {row['engines']}", flush=True)
  return row
