#!/usr/bin/env python3
"""Trains the small character model of nanoGPT's CPU setting with PyTorch and prints one line of JSON.

  python language_model.py TEXTFILE [STEPS] [LEARNING_RATE]

4 layers, 4 heads, 128 wide, context 64, batches of 12, no dropout, AdamW with beta2 0.99 and weight decay 0.1 of matrices,
gradients cut at norm 1, 100 steps of warm-up and then half a cosine to a tenth. The time is that of the steps; the loss is
measured afterwards over the last tenth of the text in windows of the context, one after the other. Then it draws 3000 tokens
one by one, with the keys and values of the earlier ones kept.
"""

import json
import math
import pathlib
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

LAYERS, HEADS, WIDTH, CONTEXT, BATCH = 4, 4, 128, 64, 12


class Block(nn.Module):
  def __init__(self):
    super().__init__()
    self.attention_norm, self.norm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
    self.qkv, self.output = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
    self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

  def forward(self, x):  # [batch, time, width]
    batch, time_, _ = x.shape
    q, k, v = (
      part.view(batch, time_, HEADS, WIDTH // HEADS).transpose(1, 2)
      for part in self.qkv(self.attention_norm(x)).split(WIDTH, dim=2))
    y = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(batch, time_, WIDTH)
    x = x + self.output(y)
    return x + self.down(F.gelu(self.up(self.norm(x))))

  def read(self, x, cache, place):  # [1, width]
    """The token at a place, which sees those whose keys and values are in the cache."""
    q, k, v = self.qkv(self.attention_norm(x)).view(3, HEADS, 1, WIDTH // HEADS)
    keys, values = cache
    keys[:, place : place + 1], values[:, place : place + 1] = k, v
    y = F.scaled_dot_product_attention(q, keys[:, : place + 1], values[:, : place + 1])
    x = x + self.output(y.reshape(1, WIDTH))
    return x + self.down(F.gelu(self.up(self.norm(x))))


class Model(nn.Module):
  def __init__(self, vocabulary):
    super().__init__()
    self.tokens, self.positions = nn.Embedding(vocabulary, WIDTH), nn.Embedding(CONTEXT, WIDTH)
    self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
    self.norm = nn.LayerNorm(WIDTH)
    for name, parameter in self.named_parameters():
      if parameter.dim() > 1:
        added = name.endswith(("output.weight", "down.weight"))
        nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * LAYERS) if added else 0.02)
      elif name.endswith("bias"):
        nn.init.zeros_(parameter)

  def forward(self, tokens):  # [batch, time]
    x = self.tokens(tokens) + self.positions.weight[: tokens.shape[1]]
    for block in self.blocks:
      x = block(x)
    return self.norm(x) @ self.tokens.weight.T

  def read(self, token, caches, place):  # [1] → [1, vocabulary]
    x = self.tokens(token) + self.positions.weight[place]
    for block, cache in zip(self.blocks, caches):
      x = block.read(x, cache, place)
    return self.norm(x) @ self.tokens.weight.T


@torch.no_grad()
def tokens_per_second(model, count):
  """Draws tokens; where the context is full it begins anew, which is less work than reading half of it again."""
  caches = [torch.zeros(2, HEADS, CONTEXT, WIDTH // HEADS) for _ in range(LAYERS)]
  token = torch.tensor([0])
  start = time.perf_counter()
  for index in range(count):
    logits = model.read(token, caches, index % CONTEXT)
    token = torch.multinomial(torch.softmax(logits[0], 0), 1)
  return count / (time.perf_counter() - start)


def main():
  text = pathlib.Path(sys.argv[1]).read_text()
  steps = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
  top = float(sys.argv[3]) if len(sys.argv) > 3 else 3e-3
  characters = sorted(set(text))
  tokens = torch.tensor([characters.index(c) for c in text])
  cut = int(0.9 * len(tokens))
  train, validation = tokens[:cut], tokens[cut:]
  torch.manual_seed(0)
  torch.set_num_threads(2)
  model = Model(len(characters))
  matrices = [p for p in model.parameters() if p.dim() > 1]
  vectors = [p for p in model.parameters() if p.dim() == 1]
  optimizer = torch.optim.AdamW(
    [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}], lr=top, betas=(0.9, 0.99))

  def rate(step):
    if step < 100:
      return (step + 1) / 100
    return 0.1 + 0.45 * (1 + math.cos(math.pi * (step - 100) / max(1, steps - 100)))

  schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
  start = time.perf_counter()
  for _ in range(steps):
    places = torch.randint(len(train) - CONTEXT, (BATCH,))
    inputs = torch.stack([train[i : i + CONTEXT] for i in places])
    targets = torch.stack([train[i + 1 : i + 1 + CONTEXT] for i in places])
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    schedule.step()
  seconds = time.perf_counter() - start

  count = (len(validation) - 1) // CONTEXT
  inputs = validation[: count * CONTEXT].view(count, CONTEXT)
  targets = validation[1 : count * CONTEXT + 1].view(count, CONTEXT)
  with torch.no_grad():
    losses = [
      F.cross_entropy(model(inputs[i : i + 64]).flatten(0, 1), targets[i : i + 64].flatten(), reduction="sum")
      for i in range(0, count, 64)
    ]
  print(
    json.dumps(
      {
        "library": f"PyTorch {torch.__version__}",
        "steps": steps,
        "seconds": seconds,
        "nats": float(sum(losses)) / (count * CONTEXT),
        "tokensPerSecond": round(tokens_per_second(model, 3000)),
      }))


if __name__ == "__main__":
  main()
