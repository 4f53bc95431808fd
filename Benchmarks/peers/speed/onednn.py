"""oneDNN's product of matrices, and a plain triad in C with OpenMP."""

import ctypes
import pathlib

import numpy as np

from . import common
from .common import Prepared, Unsupported

library = ctypes.CDLL(str(pathlib.Path(__file__).parents[1] / ".venv-speed" / "libnative.so"))
pointer = np.ctypeslib.ndpointer(np.float32, flags="C")
number = ctypes.c_int64
library.products.argtypes = [ctypes.c_char, ctypes.c_char, number, number, number, pointer, pointer, pointer, number]
library.triads.argtypes = [number, pointer, pointer, pointer, number]


def read_version():
  numbers = (ctypes.c_int32 * 3)()
  library.version(numbers)
  return ".".join(str(n) for n in numbers)


version = read_version()


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

  def triad(self, w):
    b, c = (common.noise(seed, (w["count"],)) for seed in (0, 1))
    out = np.empty_like(b)
    run = lambda count: library.triads(w["count"], out, b, c, count)
    run(1)
    return Prepared(common.picked(out), lambda: None, run)
