"""JAX: every step one jitted function whose old parameters are donated."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from . import common
from .common import Prepared, Unsupported

version = jax.__version__


def network(w, parameters, x):
  pairs = list(zip(parameters[::2], parameters[1::2]))
  for index, (weight, bias) in enumerate(pairs):
    x = x @ weight + bias
    if index < len(pairs) - 1:
      x = jnp.tanh(x) if w["activation"] == "tanh" else jax.nn.relu(x)
  return x


def convolution(x, window, stride=1, padding="SAME", groups=1):
  return jax.lax.conv_general_dilated(
    x, window, (stride, stride), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"), feature_group_count=groups)


def image_network(w, parameters, x):
  count = 2 * (len(w["channels"]) - 1)
  for weight, bias, padding in zip(parameters[:count:2], parameters[1:count:2], w["paddings"]):
    x = jax.nn.relu(convolution(x, weight, padding=padding.upper()) + bias)
    x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
  return network({"activation": "relu"}, parameters[count:], x.reshape(x.shape[0], -1))


def batch_norm(x, scale, shift, running, training):
  """The normalised x, and the running mean and variance after it."""
  if not training:
    mean, variance = running
  else:
    mean = x.mean((0, 1, 2))
    variance = ((x - mean) ** 2).mean((0, 1, 2))
    count = x.size // x.shape[-1]
    new = jax.lax.stop_gradient((mean, variance * count / (count - 1)))
    running = tuple(0.9 * old + 0.1 * now for old, now in zip(running, new))
  return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * scale + shift, running


def residual_network(w, parameters, running, x, training):
  """The logits, and the running statistics after them."""
  parameters, statistics, updated = iter(parameters), iter(running), []

  def normalised(x, stride=1):
    window, scale, shift = next(parameters), next(parameters), next(parameters)
    x = convolution(x, window, stride, ((1, 1), (1, 1)))
    x, new = batch_norm(x, scale, shift, next(statistics), training)
    updated.append(new)
    return x

  x = jax.nn.relu(normalised(x))
  for inputs, outputs in common.residual_blocks(w):
    y = normalised(jax.nn.relu(normalised(x, 1 if inputs == outputs else 2)))
    if inputs != outputs:
      x = jnp.pad(x[:, ::2, ::2], ((0, 0), (0, 0), (0, 0), (0, outputs - inputs)))
    x = jax.nn.relu(y + x)
  return x.mean((1, 2)) @ next(parameters) + next(parameters), updated


def cross_entropy(logits, targets):
  logits = jax.nn.log_softmax(logits)
  return -jnp.take_along_axis(logits, targets[..., None], -1).mean()


def layer_norm(x, scale, shift):
  mean = x.mean(-1, keepdims=True)
  variance = ((x - mean) ** 2).mean(-1, keepdims=True)
  return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * scale + shift


def block(w, p, x):
  batch, time, width = x.shape
  qkv = layer_norm(x, p[0], p[1]) @ p[2] + p[3]
  q, k, v = (a.reshape(batch, time, w["heads"], -1).transpose(0, 2, 1, 3) for a in jnp.split(qkv, 3, -1))
  scores = q @ k.swapaxes(-1, -2) / (width // w["heads"]) ** 0.5
  visible = jnp.tril(jnp.ones((time, time), bool))
  y = jax.nn.softmax(jnp.where(visible, scores, -1e9)) @ v
  x = x + y.transpose(0, 2, 1, 3).reshape(batch, time, width) @ p[4] + p[5]
  return x + jax.nn.gelu(layer_norm(x, p[6], p[7]) @ p[8] + p[9], approximate=False) @ p[10] + p[11]


def transformer(w, parameters, indices):
  tokens, positions, *rest, scale, shift = parameters
  x = tokens[indices] + positions
  for index in range(w["layers"]):
    x = block(w, rest[12 * index : 12 * (index + 1)], x)
  return layer_norm(x, scale, shift) @ tokens.T


def cached_transformer(w, parameters, caches, token, position):
  """The logits of what follows a token, and the keys and values after it."""
  tokens, positions, *rest, scale, shift = parameters
  x = tokens[token] + positions[position]
  visible = jnp.arange(w["context"]) <= position
  updated = []
  for index, cache in enumerate(caches):
    p = rest[12 * index : 12 * (index + 1)]
    q, *new = (layer_norm(x, p[0], p[1]) @ p[2] + p[3]).reshape(3, w["heads"], 1, -1)
    keys, values = (jax.lax.dynamic_update_slice(c, n, (0, position, 0)) for c, n in zip(cache, new))
    updated.append((keys, values))
    scores = q @ keys.swapaxes(-1, -2) / keys.shape[-1] ** 0.5
    y = jax.nn.softmax(jnp.where(visible, scores, -jnp.inf)) @ values
    x = x + y.reshape(-1) @ p[4] + p[5]
    x = x + jax.nn.gelu(layer_norm(x, p[6], p[7]) @ p[8] + p[9], approximate=False) @ p[10] + p[11]
  return layer_norm(x, scale, shift) @ tokens.T, updated


def adam(state, gradients, rate, beta1=0.9, beta2=0.999, decay=0.0):
  parameters, means, squares, step = state
  step = step + 1
  rate_now = rate * jnp.sqrt(1 - beta2**step) / (1 - beta1**step)
  epsilon = 1e-8 * jnp.sqrt(1 - beta2**step)
  means = [beta1 * m + (1 - beta1) * g for m, g in zip(means, gradients)]
  squares = [beta2 * s + (1 - beta2) * g * g for s, g in zip(squares, gradients)]
  parameters = [
    (p * (1 - rate * decay) if p.ndim >= 2 and decay else p) - rate_now * m / (jnp.sqrt(s) + epsilon)
    for p, m, s in zip(parameters, means, squares)
  ]
  return parameters, means, squares, step


class Engine:
  def __init__(self, threads, compiled):
    pass

  def prepare(self, w):
    if not hasattr(self, w["kind"]):
      raise Unsupported
    jax.clear_caches()
    return getattr(self, w["kind"])(w)

  def steps(self, values, loss, update, batches):
    def jitted(state, inputs, targets):
      value, gradients = jax.value_and_grad(loss)(state[0], inputs, targets)
      return update(state, gradients), value

    def start():
      zeros = lambda: [jnp.zeros(v.shape, v.dtype) for v in values]
      return [jnp.array(v) for v in values], zeros(), zeros(), jnp.zeros((), jnp.float32)

    return self.stateful(start, jitted, batches)[0]

  def stateful(self, start, function, batches):
    """What training comes to where `function` takes a state and a batch to the next state and the loss; and how to
    read the state."""
    jitted = jax.jit(function, donate_argnums=0)
    state = start()

    def step(inputs, targets):
      nonlocal state
      state, value = jitted(state, inputs, targets)
      return value

    def reset():
      nonlocal state
      state = jax.block_until_ready(start())

    batches = [tuple(jnp.array(a) for a in batch) for batch in batches]
    return common.training(step, batches, reset, lambda: jax.block_until_ready(state)), lambda: state

  def training(self, w):
    def loss(parameters, inputs, targets):
      outputs = network(w, parameters, inputs)
      if w["loss"] == "meanSquaredError":
        return ((outputs - targets) ** 2).mean()
      return cross_entropy(outputs, targets)

    def update(state, gradients):
      if w["optimizer"] == "adam":
        return adam(state, gradients, w["learningRate"])
      return ([p - w["learningRate"] * g for p, g in zip(state[0], gradients)], *state[1:])

    batches = [common.network_batch(w, index) for index in range(w["batches"])]
    return self.steps(common.network_weights(w["layers"]), loss, update, batches)

  def languageModel(self, w):
    loss = lambda parameters, inputs, targets: cross_entropy(transformer(w, parameters, inputs), targets)
    update = lambda state, gradients: adam(state, gradients, w["learningRate"], beta2=0.95, decay=0.1)
    batches = [common.token_batch(w, index) for index in range(w["batches"])]
    return self.steps(common.weights(common.transformer_shapes(w)), loss, update, batches)

  def imageTraining(self, w):
    loss = lambda parameters, inputs, targets: cross_entropy(image_network(w, parameters, inputs), targets)
    update = lambda state, gradients: adam(state, gradients, w["learningRate"])
    batches = [common.image_batch(w, index) for index in range(w["batches"])]
    return self.steps(common.image_weights(w), loss, update, batches)

  def residualTraining(self, w):
    values = common.residual_weights(w)

    def loss(parameters, running, inputs, targets, training):
      logits, running = residual_network(w, parameters, running, inputs, training)
      return cross_entropy(logits, targets), running

    def function(state, inputs, targets):
      parameters, velocities, running = state
      gradient = jax.value_and_grad(functools.partial(loss, training=True), has_aux=True)
      (value, running), gradients = gradient(parameters, running, inputs, targets)
      velocities = [w["momentum"] * v + g for v, g in zip(velocities, gradients)]
      parameters = [p - w["learningRate"] * v for p, v in zip(parameters, velocities)]
      return (parameters, velocities, running), value

    def start():
      running = [(jnp.zeros(v.shape[-1]), jnp.ones(v.shape[-1])) for v in values if v.ndim == 4]
      return [jnp.array(v) for v in values], [jnp.zeros(v.shape) for v in values], running

    batches = [common.residual_batch(w, index) for index in range(w["batches"])]
    prepared, state = self.stateful(start, function, batches)
    parameters, _, running = state()
    prepared.check.append(float(loss(parameters, running, *batches[0], training=False)[0]))
    return prepared

  def tokenGeneration(self, w):
    parameters = [jnp.array(v) for v in common.weights(common.transformer_shapes(w))]

    @functools.partial(jax.jit, donate_argnums=0)
    def step(state, parameters):
      caches, token, position = state
      logits, caches = cached_transformer(w, parameters, caches, token, position)
      token = jnp.argmax(logits).astype(jnp.int32)
      return (caches, token, (position + 1) % w["context"]), token, logits

    def start():
      cache = lambda: jnp.zeros((w["heads"], w["context"], w["width"] // w["heads"]))
      return [(cache(), cache()) for _ in range(w["layers"])], jnp.int32(0), jnp.int32(0)

    state, rows = start(), []
    for token in common.context_tokens(w):
      state, _, logits = step((state[0], jnp.int32(token), state[2]), parameters)
      rows.append(jax.device_get(logits))

    def reset():
      nonlocal state
      state = start()

    def run(count):
      nonlocal state
      for _ in range(count):
        state, token, _ = step(state, parameters)
        int(token)  # Somebody waits for it.

    return Prepared(common.picked(np.stack(rows)), reset, run)

  def imageInference(self, w):
    parameters = [jnp.array(v) for v in common.image_weights(w)]
    function = lambda x, *parameters: image_network(w, parameters, x)
    return self.forward(function, common.image_batch(w, 0)[0], *parameters)

  def convolution(self, w):
    function = functools.partial(convolution, groups=w["groups"])
    unread = common.convolution_result_shape(w)
    passes = {
      "forward": function,
      "dataGradient": lambda c, window: jax.vjp(lambda x: function(x, window), jnp.zeros(unread))[1](c)[0],
      "weightGradient": lambda x, c: jax.vjp(lambda window: function(x, window), jnp.zeros(unread))[1](c)[0],
    }
    return self.forward(passes[w["pass"]], *common.convolution_operands(w))

  def adam(self, w):
    @functools.partial(jax.jit, donate_argnums=0)
    def jitted(state, x):
      value, gradient = jax.value_and_grad(lambda p: (p * x).sum())(state[0][0])
      return adam(state, [gradient], 0.001), value

    zeros = lambda: [jnp.zeros((w["count"],), jnp.float32)]
    x = jnp.array(common.noise(0, (w["count"],)))
    state = zeros(), zeros(), zeros(), jnp.zeros((), jnp.float32)
    state, _ = jitted(state, x)
    state, value = jitted(state, x)
    check = [float(value)]

    def run(count):
      nonlocal state
      for _ in range(count):
        state, _ = jitted(state, x)
      jax.block_until_ready(state)

    return Prepared(check, lambda: None, run)

  def forward(self, function, *arguments):
    function = jax.jit(function)
    arguments = [jnp.array(a) for a in arguments]
    check = common.picked(jax.device_get(function(*arguments)))

    def run(count):
      for _ in range(count):
        result = function(*arguments)
      result.block_until_ready()

    return Prepared(check, lambda: None, run)

  def inference(self, w):
    parameters = [jnp.array(v) for v in common.network_weights(w["layers"])]
    function = lambda x, *parameters: network(w, parameters, x)
    return self.forward(function, common.noise(0, (w["batch"], w["layers"][0])), *parameters)

  def product(self, w):
    function = {"nn": lambda x, f: x @ f, "nt": lambda x, f: x @ f.T, "tn": lambda x, f: x.T @ f}[w["form"]]
    return self.forward(function, *common.product_factors(w))

  def softmax(self, w):
    return self.forward(jax.nn.softmax, common.noise(0, (w["rows"], w["columns"])))

  def layerNorm(self, w):
    ones, zeros = jnp.ones(w["columns"]), jnp.zeros(w["columns"])
    return self.forward(lambda x: layer_norm(x, ones, zeros), common.noise(0, (w["rows"], w["columns"])))

  def transpose(self, w):
    return self.forward(lambda x: x.T, common.noise(0, (w["rows"], w["columns"])))

  def triad(self, w):
    return self.forward(lambda b, c: b + 3 * c, *(common.noise(seed, (w["count"],)) for seed in (0, 1)))
