"""oneDNN's products and convolutions, and a plain triad in C with OpenMP."""

import ctypes
import pathlib
import time

import numpy as np

from . import common
from .common import Prepared, Unsupported

library = ctypes.CDLL(str(pathlib.Path(__file__).parents[1] / ".venv-speed" / "libnative.so"))
pointer = np.ctypeslib.ndpointer(np.float32, flags="C")
number = ctypes.c_int64
library.products.argtypes = [ctypes.c_char, ctypes.c_char, number, number, number, pointer, pointer, pointer, number]
for triads in (library.triads, library.streaming_triads):
  triads.argtypes = [number, pointer, pointer, pointer, number]
  triads.restype = None
# The interface of oneDNN 3 is another one.
has_convolution = hasattr(library, "convolution_create")
if has_convolution:
  library.convolution_create.argtypes = [ctypes.c_int] + 6 * [number] + 3 * [pointer]
  library.convolution_create.restype = ctypes.c_void_p
  library.convolution_run.argtypes = [ctypes.c_void_p, number]
  library.convolution_result.argtypes = library.convolution_destroy.argtypes = [ctypes.c_void_p]


def read_version():
  numbers = (ctypes.c_int32 * 3)()
  library.version(numbers)
  return ".".join(str(n) for n in numbers)


version = read_version()


def aligned(count):
  """Zeros that start where a cache line does."""
  memory = np.zeros(4 * count + 64, np.uint8)
  start = -memory.ctypes.data % 64
  return memory[start : start + 4 * count].view(np.float32)


def bandwidth(seconds, count=1 << 26):
  """What the memory delivers beyond the caches, in GB/s: a triad's best, written with or without being read first."""
  arrays = [aligned(count) for _ in range(3)]
  for array in arrays:
    array.fill(1)  # Pages that nobody wrote are all one page of zeros.
  best = 0.0
  for triads in (library.triads, library.streaming_triads):
    triads(count, *arrays, 1)
    end = time.perf_counter() + seconds / 2
    while True:
      start = time.perf_counter()
      triads(count, *arrays, 1)
      now = time.perf_counter()
      best = max(best, 12e-9 * count / (now - start))
      if now > end:
        break
  return best


class Convolution:
  """One of oneDNN's convolutions, with memory of its own."""

  def __init__(self, w):
    self.values = common.convolution_operands(w)
    self.out = np.zeros(common.convolution_result_shape(w), np.float32)
    sizes = [w[key] for key in ("batch", "size", "window", "inputs", "outputs", "groups")]
    passes = ["forward", "dataGradient", "weightGradient"]
    self.handle = library.convolution_create(passes.index(w["pass"]), *sizes, *self.values, self.out)
    if not self.handle:
      raise RuntimeError(f"oneDNN refused {w['name']}")

  def __del__(self):
    library.convolution_destroy(self.handle)

  def run(self, count):
    if library.convolution_run(self.handle, count) != 0:
      raise RuntimeError("a convolution failed")

  def result(self):
    if library.convolution_result(self.handle) != 0:
      raise RuntimeError("a reorder failed")
    return self.out


class Engine:
  def __init__(self, threads, compiled):
    pass

  def prepare(self, w):
    if not hasattr(self, w["kind"]):
      raise Unsupported
    return getattr(self, w["kind"])(w)

  def product(self, w):
    x, factor = common.product_factors(w)
    out = np.empty((w["m"], w["n"]), np.float32)
    transposed = [b"T" if letter == "t" else b"N" for letter in w["form"]]

    def run(count):
      if library.products(*transposed, w["m"], w["n"], w["k"], x, factor, out, count) != 0:
        raise RuntimeError("dnnl_sgemm failed")

    run(1)
    return Prepared(common.picked(out), lambda: None, run)

  def convolution(self, w):
    if not has_convolution:
      raise Unsupported
    convolution = Convolution(w)
    convolution.run(1)
    return Prepared(common.picked(convolution.result()), lambda: None, convolution.run)

  def triad(self, w):
    b, c = (common.noise(seed, (w["count"],)) for seed in (0, 1))
    out = np.empty_like(b)
    run = lambda count: library.triads(w["count"], out, b, c, count)
    run(1)
    return Prepared(common.picked(out), lambda: None, run)
