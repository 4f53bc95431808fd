"""The workloads and the numbers they start from, bit for bit those of the Swift side (Speed/Noise.swift)."""

import json
import pathlib
from dataclasses import dataclass
from typing import Callable

import numpy as np

WORKLOADS = pathlib.Path(__file__).parents[2] / "workloads.json"
CHECKED_STEPS = 20
# Set where nothing but the first step of training is asked for.
only_first_step = False


class Unsupported(Exception):
  """The engine has nothing for this kind of workload."""


@dataclass
class Prepared:
  """A workload ready to be timed."""

  check: list[float]  # numbers that every engine must find
  reset: Callable[[], None]  # goes back to where timing starts
  run: Callable[[int], None]  # does the work so many times, and is done when it returns


def workloads():
  return {workload["name"]: workload for workload in json.loads(WORKLOADS.read_text())}


def unit(seed, count):
  """Uniform on [0, 1) in steps of 2^-24 (SplitMix64)."""
  with np.errstate(over="ignore"):
    z = (np.uint64(seed << 32) + np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
  return (z >> np.uint64(40)).astype(np.float32) / np.float32(1 << 24)


def noise(seed, shape, limit=1.0):
  count, period = int(np.prod(shape)), 1 << 20
  values = (2 * unit(seed, min(count, period)) - 1) * np.float32(limit)
  return np.resize(values, shape)


def weights(shapes):
  """What parameters start from: a list of (shape, whether it is a scale), in the model's order."""
  result = []
  for position, (shape, is_scale) in enumerate(shapes):
    if len(shape) >= 2:
      window = int(np.prod(shape[:-2]))
      result.append(noise(position, shape, (6 / (window * (shape[-2] + shape[-1]))) ** 0.5))
    else:
      result.append(np.ones(shape, np.float32) if is_scale else np.zeros(shape, np.float32))
  return result


def network_weights(layers):
  """Weight [inputs, outputs] and bias of each layer."""
  return weights([shape for i, o in zip(layers, layers[1:]) for shape in (((i, o), False), ((o,), False))])


def pooled_size(w):
  """The height and width that the first dense layer sees: a 2×2 pool follows each convolution."""
  size = w["size"]
  for window, padding in zip(w["windows"], w["paddings"]):
    size = (size if padding == "same" else size - window + 1) // 2
  return size


def image_weights(w):
  """Window [height, width, inputs, outputs] and bias of each convolution, then weight and bias of each dense layer."""
  channels = w["channels"]
  sizes = [pooled_size(w) ** 2 * channels[-1]] + w["dense"]
  windows = [(k, k, i, o) for k, i, o in zip(w["windows"], channels, channels[1:])]
  shapes = [s for window in windows for s in ((window, False), (window[-1:], False))]
  return weights(shapes + [s for i, o in zip(sizes, sizes[1:]) for s in (((i, o), False), ((o,), False))])


def labelled_images(shape, classes, index):
  """Images [batch, height, width, channel], and which of the first pixels is brightest."""
  inputs = noise(1000 + index, shape)
  return inputs, inputs.reshape(shape[0], -1)[:, :classes].argmax(1).astype(np.int32)


def image_batch(w, index):
  return labelled_images((w["batch"], w["size"], w["size"], w["channels"][0]), w["dense"][-1], index)


def residual_batch(w, index):
  return labelled_images((w["batch"], w["size"], w["size"], w["inputs"]), w["classes"], index)


def residual_blocks(w):
  """Inputs and outputs of each block of two convolutions."""
  before = w["widths"][:1] + w["widths"]
  return [
    (before[stage] if block == 0 else width, width)
    for stage, width in enumerate(w["widths"]) for block in range(w["blocksPerWidth"])
  ]


def residual_weights(w):
  """Window, scale and shift of each convolution and the normalisation after it, then weight and bias of the head."""
  pairs = [(w["inputs"], w["widths"][0])] + [p for i, o in residual_blocks(w) for p in ((i, o), (o, o))]
  shapes = [s for i, o in pairs for s in (((3, 3, i, o), False), ((o,), True), ((o,), False))]
  values = weights(shapes + [((w["widths"][-1], w["classes"]), False), ((w["classes"],), False)])
  count = sum(v.size for v in values)
  assert count == w["parameters"], f"the network has {count} parameters, not {w['parameters']}"
  return values


def convolution_operands(w):
  """What a pass reads: images and window; cotangent and window; images and cotangent."""
  images, results = ((w["batch"], w["size"], w["size"], w[key]) for key in ("inputs", "outputs"))
  window = (w["window"], w["window"], w["inputs"] // w["groups"], w["outputs"])
  shapes = {"forward": (images, window), "dataGradient": (results, window), "weightGradient": (images, results)}
  return [noise(seed, shape) for seed, shape in enumerate(shapes[w["pass"]])]


def convolution_result_shape(w):
  if w["pass"] == "weightGradient":
    return (w["window"], w["window"], w["inputs"] // w["groups"], w["outputs"])
  return (w["batch"], w["size"], w["size"], w["outputs" if w["pass"] == "forward" else "inputs"])


def transformer_shapes(w):
  norm = [((w["width"],), True), ((w["width"],), False)]
  dense = lambda i, o: [((i, o), False), ((o,), False)]
  width = w["width"]
  block = norm + dense(width, 3 * width) + dense(width, width) + norm + dense(width, 4 * width) + dense(4 * width, width)
  return [((w["vocabulary"], width), False), ((w["context"], width), False)] + block * w["layers"] + norm


def network_batch(w, index):
  inputs = noise(1000 + index, (w["batch"], w["layers"][0]))
  if w["loss"] == "meanSquaredError":
    return inputs, inputs[:, :1] * inputs[:, 1:2]
  return inputs, inputs[:, : w["layers"][-1]].argmax(1).astype(np.int32)


def token_batch(w, index):
  shape = (w["batch"], w["context"] + 1)
  u = unit(1000 + index, shape[0] * shape[1])
  tokens = (u * u * np.float32(w["vocabulary"])).astype(np.int32).reshape(shape)
  return tokens[:, :-1].copy(), tokens[:, 1:].copy()


def context_tokens(w):
  """A context of tokens, after which the logits are compared."""
  return (unit(1000, w["context"]) * np.float32(w["vocabulary"])).astype(np.int32)


def product_factors(w):
  m, n, k = w["m"], w["n"], w["k"]
  x = noise(0, (k, m) if w["form"] == "tn" else (m, k))
  factor = noise(1, (n, k) if w["form"] == "nt" else (k, n))
  return x, factor


def picked(outputs):
  """The first, middle and last of the outputs, which are compared."""
  flat = outputs.reshape(-1)
  return [float(flat[i]) for i in (0, (len(flat) - 1) // 2, len(flat) - 1)]


def training(step, batches, reset, finish=lambda: None):
  """Compares the losses on the first batch before and after some steps; `step` gives a loss that float() reads."""
  before = float(step(*batches[0]))
  if only_first_step:
    return Prepared([before], reset, None)
  for index in range(1, CHECKED_STEPS):
    step(*batches[index % len(batches)])
  after = float(step(*batches[0]))
  assert after < before, f"training did not make the loss smaller: {before} -> {after}"

  def run(count):
    for index in range(count):
      loss = step(*batches[index % len(batches)])
    finish_with(loss)

  def finish_with(loss):
    float(loss)
    finish()

  return Prepared([before, after], reset, run)
