"""One engine in a process of its own that does what it is told."""

import json
import os
import pathlib
import subprocess
import sys

PEERS = pathlib.Path(__file__).parents[1]
BENCHMARKS = PEERS.parent
# Long enough for steps that follow one another, short enough to be over when the next engine's turn comes.
BOUNDED_SPINNING = {"GOMP_SPINCOUNT": "300000", "KMP_BLOCKTIME": "1"}
TICK = os.sysconf("SC_CLK_TCK")


class Contestant:
  def __init__(self, engine, threads, log):
    self.engine, self.threads = engine, threads
    environment = {**os.environ, **BOUNDED_SPINNING}
    if engine == "descent":
      command = [str(BENCHMARKS / ".build/release/descent-benchmarks"), "--driven", "--threads", str(threads)]
    else:
      command = [sys.executable, "-m", "speed", "--engine", engine, "--threads", str(threads), "--driven"]

    def one_core():
      os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

    self.process = subprocess.Popen(
      command, cwd=PEERS, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
      preexec_fn=one_core if threads == 1 else None)
    self.version = None if engine == "descent" else self.answer()["version"]

  def answer(self):
    line = self.process.stdout.readline()
    if not line:
      raise RuntimeError(f"{self.engine} ended with status {self.process.wait()}; see the log")
    return json.loads(line)

  def order(self, text):
    self.process.stdin.write(text + "\n")
    self.process.stdin.flush()
    return self.answer()

  def processor_seconds(self):
    fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK

  def close(self):
    self.process.stdin.close()
    self.process.wait()


def busy_seconds():
  """What all processors of the machine did so far, the share taken by other machines included."""
  user, nice, system, _, _, irq, softirq, steal, *_ = pathlib.Path("/proc/stat").read_text().split()[1:11]
  return sum(map(int, (user, nice, system, irq, softirq, steal))) / TICK
