"""PyTorch, eager or through torch.compile."""

import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from . import common
from .common import Prepared, Unsupported

version = torch.__version__


class SelfAttention(nn.Module):
  def __init__(self, heads, width):
    super().__init__()
    self.heads = heads
    self.qkv = nn.Linear(width, 3 * width)
    self.output = nn.Linear(width, width)

  def forward(self, x):
    batch, time, width = x.shape
    q, k, v = (p.view(batch, time, self.heads, -1).transpose(1, 2) for p in self.qkv(x).split(width, -1))
    y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return self.output(y.transpose(1, 2).reshape(batch, time, width))


class Block(nn.Module):
  def __init__(self, heads, width):
    super().__init__()
    self.attention_norm = nn.LayerNorm(width)
    self.attention = SelfAttention(heads, width)
    self.norm = nn.LayerNorm(width)
    self.up = nn.Linear(width, 4 * width)
    self.down = nn.Linear(4 * width, width)

  def forward(self, x):
    x = x + self.attention(self.attention_norm(x))
    return x + self.down(F.gelu(self.up(self.norm(x))))


class Transformer(nn.Module):
  def __init__(self, w):
    super().__init__()
    self.tokens = nn.Parameter(torch.empty(w["vocabulary"], w["width"]))
    self.positions = nn.Parameter(torch.empty(w["context"], w["width"]))
    self.blocks = nn.ModuleList(Block(w["heads"], w["width"]) for _ in range(w["layers"]))
    self.norm = nn.LayerNorm(w["width"])

  def forward(self, indices):
    x = F.embedding(indices, self.tokens) + self.positions
    for block in self.blocks:
      x = block(x)
    return self.norm(x) @ self.tokens.T


def load(module, values):
  """Sets the parameters in order; a Linear holds its weight transposed."""
  transposed = {id(m.weight) for m in module.modules() if isinstance(m, nn.Linear)}
  with torch.no_grad():
    for parameter, value in zip(module.parameters(), values, strict=True):
      value = torch.from_numpy(value)
      parameter.copy_(value.T if id(parameter) in transposed else value)


def network(w):
  layers = []
  for i, o in zip(w["layers"], w["layers"][1:]):
    layers += ([nn.Tanh() if w["activation"] == "tanh" else nn.ReLU()] if layers else []) + [nn.Linear(i, o)]
  model = nn.Sequential(*layers)
  load(model, common.network_weights(w["layers"]))
  return model


class CachedTransformer:
  """Reads one token after the other; the keys and values of the earlier ones are kept."""

  def __init__(self, w):
    self.model = Transformer(w)
    load(self.model, common.weights(common.transformer_shapes(w)))
    self.heads = w["heads"]
    shape = (1, w["heads"], w["context"], w["width"] // w["heads"])
    self.caches = [(torch.zeros(shape), torch.zeros(shape)) for _ in self.model.blocks]
    self.places = torch.arange(w["context"])

  def eager(self, token, place):
    """Attends to those places only that are filled."""

    def attend(q, k, v, keys, values):
      keys[:, :, place], values[:, :, place] = k[:, :, 0], v[:, :, 0]
      return F.scaled_dot_product_attention(q, keys[:, :, : place + 1], values[:, :, : place + 1])

    return self.logits(token, place, attend)

  def traced(self, token, place):
    """The same operations whatever the place, which is a tensor: what a compiler wants."""

    def attend(q, k, v, keys, values):
      keys.index_copy_(2, place, k)
      values.index_copy_(2, place, v)
      return F.scaled_dot_product_attention(q, keys, values, attn_mask=(self.places <= place)[None])

    return self.logits(token, place, attend)

  def logits(self, token, place, attend):
    model = self.model
    x = F.embedding(token, model.tokens) + model.positions[place]
    for block, cache in zip(model.blocks, self.caches):
      parts = block.attention.qkv(block.attention_norm(x)).view(3, 1, self.heads, 1, -1)
      x = x + block.attention.output(attend(*parts, *cache).view(1, -1))
      x = x + block.down(F.gelu(block.up(block.norm(x))))
    return model.norm(x) @ model.tokens.T


class ImageNetwork(nn.Module):
  """Convolutions and pools, then dense layers, on images with the channels last in memory, which is faster here."""

  def __init__(self, w):
    super().__init__()
    channels = w["channels"]
    sizes = [common.pooled_size(w) ** 2 * channels[-1]] + w["dense"]
    self.convolutions = nn.ModuleList(
      nn.Conv2d(i, o, k, padding=k // 2 if padding == "same" else 0)
      for i, o, k, padding in zip(channels, channels[1:], w["windows"], w["paddings"])
    )
    self.dense = nn.ModuleList(nn.Linear(i, o) for i, o in zip(sizes, sizes[1:]))
    values = iter(common.image_weights(w))
    with torch.no_grad():
      for layer in [*self.convolutions, *self.dense]:
        weight = torch.from_numpy(next(values))
        layer.weight.copy_(weight.permute(3, 2, 0, 1) if weight.dim() == 4 else weight.T)
        layer.bias.copy_(torch.from_numpy(next(values)))
    self.to(memory_format=torch.channels_last)

  def forward(self, x):
    for convolution in self.convolutions:
      x = F.max_pool2d(F.relu(convolution(x)), 2)
    x = x.permute(0, 2, 3, 1).flatten(1)
    for layer in self.dense[:-1]:
      x = F.relu(layer(x))
    return self.dense[-1](x)


class ResidualBlock(nn.Module):
  def __init__(self, inputs, outputs):
    super().__init__()
    self.new_channels = outputs - inputs
    stride = 2 if self.new_channels else 1
    self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
    self.first_norm = nn.BatchNorm2d(outputs)
    self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
    self.second_norm = nn.BatchNorm2d(outputs)

  def forward(self, x):
    y = self.second_norm(self.second(F.relu(self.first_norm(self.first(x)))))
    if self.new_channels:
      x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, self.new_channels))
    return F.relu(y + x)


class ResidualNetwork(nn.Module):
  def __init__(self, w):
    super().__init__()
    widths = w["widths"]
    self.stem = nn.Conv2d(w["inputs"], widths[0], 3, 1, 1, bias=False)
    self.norm = nn.BatchNorm2d(widths[0])
    self.blocks = nn.Sequential(*(ResidualBlock(i, o) for i, o in common.residual_blocks(w)))
    self.head = nn.Linear(widths[-1], w["classes"])
    with torch.no_grad():
      for parameter, value in zip(self.parameters(), common.residual_weights(w), strict=True):
        value = torch.from_numpy(value)
        parameter.copy_(value.permute(3, 2, 0, 1) if value.dim() == 4 else value.T if value.dim() == 2 else value)
    self.to(memory_format=torch.channels_last)

  def forward(self, x):
    x = self.blocks(F.relu(self.norm(self.stem(x))))
    return self.head(x.mean((2, 3)))


def channels_first(images, layout=torch.channels_last):
  """The shape PyTorch wants, in a layout of memory."""
  return torch.from_numpy(images).permute(0, 3, 1, 2).contiguous(memory_format=layout)


def fastest(candidates):
  """The one of several ways to the same result that takes least time now."""

  def seconds(prepared):
    taken = []
    for _ in range(7):
      start = time.perf_counter()
      prepared.run(1)
      taken.append(time.perf_counter() - start)
    return min(taken)

  return min(candidates, key=seconds)


def in_bfloat16(function):
  """The function with the operations that PyTorch lists for it in bfloat16."""

  def rounding(*arguments):
    with torch.autocast("cpu", dtype=torch.bfloat16):
      return function(*arguments)

  return rounding


class Engine:
  precisions = ["float32", "bfloat16"]

  def __init__(self, threads, compiled):
    torch.set_num_threads(threads)
    self.compiled = compiled

  def prepare(self, w):
    if not hasattr(self, w["kind"]):
      raise Unsupported
    torch._dynamo.reset()
    return getattr(self, w["kind"])(w)

  def compile(self, function):
    return torch.compile(function) if self.compiled else function

  def steps(self, w, model, loss, optimizer, batches):
    loss = self.compile(in_bfloat16(loss) if w.get("precision") == "bfloat16" else loss)
    tensors = [*model.parameters(), *model.buffers()]
    start = [t.detach().clone() for t in tensors]

    def step(inputs, targets):
      optimizer.zero_grad()
      value = loss(inputs, targets)
      value.backward()
      optimizer.step()
      return value.detach()

    def reset():
      with torch.no_grad():
        for tensor, value in zip(tensors, start):
          tensor.copy_(value)
        for state in optimizer.state.values():
          for tensor in state.values():
            if torch.is_tensor(tensor):
              tensor.zero_()

    return common.training(step, batches, reset)

  def training(self, w):
    model = network(w)
    if w["loss"] == "meanSquaredError":
      loss = lambda x, y: F.mse_loss(model(x), y)
    else:
      loss = lambda x, y: F.cross_entropy(model(x), y)
    rule = torch.optim.SGD if w["optimizer"] == "sgd" else torch.optim.Adam
    optimizer = rule(model.parameters(), lr=w["learningRate"], fused=True)
    return self.steps(w, model, loss, optimizer, self.batches(common.network_batch, w))

  def languageModel(self, w):
    model = Transformer(w)
    load(model, common.weights(common.transformer_shapes(w)))
    loss = lambda x, y: F.cross_entropy(model(x).flatten(0, 1), y.flatten())
    groups = [
      {"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": 0.1},
      {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=w["learningRate"], betas=(0.9, 0.95), fused=True)
    return self.steps(w, model, loss, optimizer, self.batches(common.token_batch, w))

  def imageTraining(self, w):
    model = ImageNetwork(w)
    loss = lambda x, y: F.cross_entropy(model(x), y)
    optimizer = torch.optim.Adam(model.parameters(), lr=w["learningRate"], fused=True)
    batches = [common.image_batch(w, index) for index in range(w["batches"])]
    batches = [(channels_first(x), torch.from_numpy(y).long()) for x, y in batches]
    return self.steps(w, model, loss, optimizer, batches)

  def residualTraining(self, w):
    model = ResidualNetwork(w)
    loss = lambda x, y: F.cross_entropy(model(x), y)
    optimizer = torch.optim.SGD(model.parameters(), lr=w["learningRate"], momentum=w["momentum"], fused=True)
    batches = [common.residual_batch(w, index) for index in range(w["batches"])]
    batches = [(channels_first(x), torch.from_numpy(y).long()) for x, y in batches]
    prepared = self.steps(w, model, loss, optimizer, batches)
    model.eval()
    with torch.inference_mode():
      prepared.check.append(float(F.cross_entropy(model(batches[0][0]), batches[0][1])))
    model.train()
    return prepared

  def imageInference(self, w):
    images, _ = common.image_batch(w, 0)
    return self.forward(ImageNetwork(w).eval(), channels_first(images))

  def convolution(self, w):
    return fastest([self.laid_out(w, layout) for layout in (torch.channels_last, torch.contiguous_format)])

  def laid_out(self, w, layout):
    """A pass of a convolution with all operands in one layout."""
    window_first = lambda window: window.permute(3, 2, 0, 1).contiguous(memory_format=layout)
    first, second = common.convolution_operands(w)
    first = channels_first(first, layout)
    if w["pass"] == "weightGradient":
      second = channels_first(second, layout)
    else:
      second = window_first(torch.from_numpy(second))
    margin = w["window"] // 2
    if w["pass"] == "forward":
      function = lambda x: F.conv2d(x, second, padding=margin, groups=w["groups"])
      return self.forward(function, first, lambda y: y.permute(0, 2, 3, 1))

    def gradient(cotangent, images, window, mask):
      return torch.ops.aten.convolution_backward(
        cotangent, images, window, None, [1, 1], 2 * [margin], [1, 1], False, [0, 0], w["groups"], mask)

    # Of the operand whose gradient is asked for only the shape and the layout count.
    shape = common.convolution_result_shape(w)
    if w["pass"] == "dataGradient":
      unread = channels_first(np.zeros(shape, np.float32), layout)
      function = lambda cotangent: gradient(cotangent, unread, second, [True, False, False])[0]
      return self.forward(function, first, lambda y: y.permute(0, 2, 3, 1))
    unread = window_first(torch.zeros(shape))
    function = lambda images: gradient(second, images, unread, [False, True, False])[1]
    return self.forward(function, first, lambda y: y.permute(2, 3, 1, 0))

  def batches(self, make, w):
    result = []
    for index in range(w["batches"]):
      inputs, targets = (torch.from_numpy(a) for a in make(w, index))
      result.append((inputs, targets if targets.is_floating_point() else targets.long()))
    return result

  def adam(self, w):
    value = nn.Parameter(torch.zeros(w["count"]))
    x = torch.from_numpy(common.noise(0, (w["count"],)))
    optimizer = torch.optim.Adam([value], lr=0.001, fused=True)
    loss = self.compile(lambda: (value * x).sum())

    def step():
      optimizer.zero_grad()
      result = loss()
      result.backward()
      optimizer.step()
      return result.detach()

    step()
    check = [float(step())]
    return Prepared(check, lambda: None, lambda count: [step() for _ in range(count)] and None)

  @torch.inference_mode()
  def forward(self, function, x, arrange=lambda y: y):
    function = self.compile(function)
    check = common.picked(arrange(function(x)).numpy())

    @torch.inference_mode()
    def run(count):
      for _ in range(count):
        function(x)

    return Prepared(check, lambda: None, run)

  @torch.inference_mode()
  def tokenGeneration(self, w):
    model = CachedTransformer(w)
    if self.compiled:
      logits = self.compile(model.traced)
      places = [torch.tensor([place]) for place in range(w["context"])]
    else:
      logits, places = model.eager, range(w["context"])
    tokens = torch.from_numpy(common.context_tokens(w)).long()
    check = common.picked(torch.cat([logits(tokens[i : i + 1], place) for i, place in enumerate(places)]).numpy())
    state = {}

    def reset():
      state.update(token=torch.tensor([0]), place=0)

    @torch.inference_mode()
    def run(count):
      for _ in range(count):
        token = logits(state["token"], places[state["place"]]).argmax(-1)
        token.item()  # Somebody waits for it.
        state.update(token=token, place=(state["place"] + 1) % len(places))

    return Prepared(check, reset, run)

  def inference(self, w):
    model = network(w).eval()
    return self.forward(model, torch.from_numpy(common.noise(0, (w["batch"], w["layers"][0]))))

  def product(self, w):
    x, factor = (torch.from_numpy(a) for a in common.product_factors(w))
    out = torch.empty(w["m"], w["n"])
    if w["form"] == "nn":
      function = lambda x: torch.mm(x, factor, out=out)
    elif w["form"] == "nt":
      function = lambda x: torch.mm(x, factor.T, out=out)
    else:
      function = lambda x: torch.mm(x.T, factor, out=out)
    return self.forward(function, x)

  def rows(self, w):
    return torch.from_numpy(common.noise(0, (w["rows"], w["columns"])))

  def softmax(self, w):
    x = self.rows(w)
    out = torch.empty_like(x)
    return self.forward(lambda x: torch.softmax(x, -1, out=out), x)

  def layerNorm(self, w):
    return self.forward(nn.LayerNorm(w["columns"]), self.rows(w))

  def transpose(self, w):
    x = self.rows(w)
    out = torch.empty(x.shape[1], x.shape[0])
    return self.forward(lambda x: out.copy_(x.T), x)

  def triad(self, w):
    b, c = (torch.from_numpy(common.noise(seed, (w["count"],))) for seed in (0, 1))
    out = torch.empty_like(b)
    return self.forward(lambda b: torch.add(b, c, alpha=3, out=out), b)
