"""The same rule of timing as the Swift side (Speed/Timing.swift)."""

import gc
import statistics
import time


def timing(prepared, seconds):
  """Resets, warms up for a fifth of the time, then runs for about so many seconds and at least three samples."""

  def microseconds(count):
    start = time.perf_counter()
    prepared.run(count)
    return (time.perf_counter() - start) * 1e6

  prepared.reset()
  prepared.run(1)
  count = 1
  taken = warm_up = microseconds(count)
  while warm_up < seconds * 200_000:
    count = max(1, int(5000 / taken * count))
    taken = microseconds(count)
    warm_up += taken
  prepared.reset()
  gc.collect()
  gc.disable()
  samples, total = [], 0.0
  while total < seconds * 1e6 or len(samples) < 3:
    sample = microseconds(count)
    samples.append(sample / count)
    total += sample
  gc.enable()
  return {
    "medianMicroseconds": statistics.median(samples),
    "minimumMicroseconds": min(samples),
    "steps": len(samples) * count,
  }
