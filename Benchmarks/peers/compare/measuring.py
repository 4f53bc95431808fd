"""Rounds in which every engine is timed once, so that all meet the same minutes of the same machine."""

import datetime
import fcntl
import math
import os
import statistics
import time

from .contestant import busy_seconds

PAUSE = 0.15
TOLERANCE = 2e-3
# More than this share of the processors used by others spoils a round.
MOST_DISTURBANCE = 0.08
LONGEST_HOLD = 50


class Turn:
  """A lock file held while timing, so that builds on the same machine can wait; given back after a while and
  at the end."""

  def __init__(self, path):
    self.file = path and open(path, "w")
    self.since = None

  def take(self):
    if self.file and self.since and time.monotonic() - self.since > LONGEST_HOLD:
      self.give_back()
      time.sleep(1)
    if self.file and not self.since:
      fcntl.flock(self.file, fcntl.LOCK_EX)
      self.since = time.monotonic()

  def give_back(self):
    if self.since:
      fcntl.flock(self.file, fcntl.LOCK_UN)
      self.since = None


def disagreement(checks):
  """The largest relative difference between any engine's numbers and the first one's."""
  first = next(iter(checks.values()))
  largest = max(abs(x) for x in first)
  return max(
    (abs(a - b) / max(largest, 1e-30) for check in checks.values() for a, b in zip(check, first, strict=True)),
    default=0.0)


def timed(contestant, seconds):
  """The quietest of up to three timings: the least disturbance, and what was timed."""
  tries = []
  while len(tries) < 3 and not quiet(tries):
    await_quiet()
    tries.append(timed_once(contestant, seconds))
  return min(tries, key=lambda made: made[0])


def await_quiet():
  """Pauses until others use little of the processors, but not for ever."""
  for _ in range(50):
    busy = busy_seconds()
    time.sleep(PAUSE)
    if busy_seconds() - busy <= MOST_DISTURBANCE * PAUSE * os.cpu_count():
      return


def timed_once(contestant, seconds):
  """The share of the processors that others used during a timing, and the timing."""
  busy, own, start = busy_seconds(), contestant.processor_seconds(), time.monotonic()
  timing = contestant.order(f"time {seconds}")
  elapsed = time.monotonic() - start
  foreign = (busy_seconds() - busy) - (contestant.processor_seconds() - own)
  return foreign / (elapsed * os.cpu_count()), timing


def quiet(made):
  return [times for disturbance, times in made if disturbance <= MOST_DISTURBANCE]


def measure(workload, contestants, rounds, seconds, turn, say):
  """A result row, or None where Descent has nothing to time."""
  probes = [c for c in contestants if c.engine == "onednn" and workload["group"] == "memory"]
  bandwidths = []
  prepared, checks = [], {}
  for contestant in contestants:
    answer = contestant.order(f"prepare {workload['name']}")
    if "check" in answer:
      prepared.append(contestant)
      checks[contestant.engine] = answer["check"]
  if "descent" not in checks:
    return None
  difference = disagreement(checks)
  if not difference <= TOLERANCE:
    raise SystemExit(f"{workload['name']}: the engines found different numbers: {checks}")

  made = []
  while len(quiet(made)) < rounds and len(made) < 2 * rounds:
    turn.take()
    shift = len(made) % len(prepared)
    times, disturbances = {}, []
    for contestant in prepared[shift:] + prepared[:shift]:
      disturbance, timing = timed(contestant, seconds)
      times[contestant.engine] = (timing["medianMicroseconds"], timing["minimumMicroseconds"], timing["threads"])
      disturbances.append(disturbance)
    made.append((max(disturbances), times))
    bandwidths += [probe.order(f"bandwidth {seconds}")["gigabytesPerSecond"] for probe in probes]
  # Where the machine was never quiet for so long, the quietest rounds count as they are, and the row says so.
  chosen = sorted(made, key=lambda made: made[0])[:rounds]
  disturbed = len(chosen) - len(quiet(chosen))
  kept = [times for _, times in chosen]
  for contestant in prepared:
    contestant.order("release")

  row = {
    "workload": workload["name"], "threads": contestants[0].threads, "rounds": len(kept), "disturbed": disturbed,
    "date": now(), "difference": float(f"{difference:.1e}"), "engines": {},
  }
  if bandwidths:
    row["bandwidth"] = rounded(statistics.median(bandwidths))
  for contestant in prepared:
    medians = [times[contestant.engine][0] for times in kept]
    ratios = [times[contestant.engine][0] / times["descent"][0] for times in kept]
    row["engines"][contestant.engine] = {
      "threads": kept[0][contestant.engine][2],
      "microseconds": rounded(statistics.median(medians)),
      "minimum": rounded(min(times[contestant.engine][1] for times in kept)),
      "ratio": rounded(statistics.median(ratios)), "ratios": [rounded(min(ratios)), rounded(max(ratios))],
    }
  say(workload, row)
  return row


def now():
  return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M")


def rounded(value):
  """Four digits are more than such a measurement holds."""
  return float(f"{value:.4g}") if math.isfinite(value) else None
