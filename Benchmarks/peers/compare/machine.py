"""Where and on what a measurement was made."""

import pathlib
import platform
import subprocess

from .contestant import BENCHMARKS


def output(*command):
  return subprocess.run(command, capture_output=True, text=True, cwd=BENCHMARKS).stdout.strip()


def revision():
  """The last commit that changed what is measured, with a + where the sources differ from it."""
  sources = ("--", "../Sources", "Speed")
  changed = output("git", "status", "--porcelain", *sources)
  return output("git", "log", "-1", "--format=%h", *sources) + ("+" if changed else "")


def describe(contestants):
  processor = {}
  for line in output("lscpu").splitlines():
    key, _, value = line.partition(":")
    processor[key.strip()] = value.strip()
  vectors = [name for name in ("avx2", "avx512f", "amx_tile") if name in processor.get("Flags", "").split()]
  model = f"{processor.get('Model name')} (family {processor.get('CPU family')}, model {processor.get('Model')})"
  return {
    "processor": model, "cores": int(processor.get("CPU(s)", 0)), "vectors": vectors,
    "caches": {level: processor.get(f"{level} cache") for level in ("L1d", "L2", "L3")},
    "memory": f"{round(int(pathlib.Path('/proc/meminfo').read_text().split()[1]) / 1e6)} GB",
    "system": f"{platform.system()} {platform.machine()}",
    "versions": {
      "swift": output("swift", "--version").splitlines()[0].split("Swift version ")[-1].split(" ")[0],
      "python": platform.python_version(),
      **{c.engine: c.version for c in contestants if c.version},
    },
  }
