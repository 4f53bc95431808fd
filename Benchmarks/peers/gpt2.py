#!/usr/bin/env python3
"""Writes a small random GPT-2 as the library transformers saves it, with what it answers, to Tests/Fixtures/gpt2/.

Run in an environment with requirements-gpt2.txt. The weights are larger than a fresh model's, and biases and gains are
random too, so that each of them changes the answers.
"""

import json
import pathlib

import torch
from transformers import GPT2Config, GPT2LMHeadModel

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "gpt2"


def make_model():
  torch.manual_seed(7)
  model = GPT2LMHeadModel(
    GPT2Config(
      vocab_size=100, n_positions=32, n_embd=16, n_layer=2, n_head=2, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
      bos_token_id=99, eos_token_id=99))
  with torch.no_grad():
    for name, parameter in model.named_parameters():
      gain = name.endswith("weight") and ".ln_" in name
      parameter.copy_(float(gain) + 0.3 * torch.randn_like(parameter))
  return model.eval()


def original_names(model):
  """The names and masks in the file pytorch_model.bin that GPT-2 was first published as: no prefix, no head."""
  state = dict(model.transformer.state_dict())
  mask = torch.ones(32, 32).tril().view(1, 1, 32, 32)
  for layer in range(2):
    state[f"h.{layer}.attn.bias"] = mask.clone()
  return state


def answers(model):
  """Logits [2, 12, 100], the mean loss of the next tokens in nats, and what greedy decoding appends to 5 tokens."""
  generator = torch.Generator().manual_seed(8)
  inputs = torch.randint(0, 100, (2, 12), generator=generator)
  with torch.no_grad():
    logits = model(inputs).logits
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, 100), inputs[:, 1:].reshape(-1))
    tokens = inputs[:1, :5]
    for _ in range(20):
      tokens = torch.cat([tokens, model(tokens).logits[:, -1:].argmax(-1)], dim=1)
  return {
    "about": "A random GPT-2 of 2 layers, 2 heads, width 16, vocabulary 100 and context 32 in model.safetensors and, "
    "with the names and masks of the first release, in pytorch_model.bin; float32 answers of transformers: logits "
    "[2, 12, 100] row by row, loss in nats, greedy = inputs[0][:5] and the 20 tokens that follow.",
    "inputs": inputs.tolist(),
    "logits": [float(f"{value:.7g}") for value in logits.reshape(-1).tolist()],
    "loss": float(loss),
    "greedy": tokens[0].tolist(),
  }


def main():
  torch.set_num_threads(1)
  model = make_model()
  FOLDER.mkdir(parents=True, exist_ok=True)
  model.save_pretrained(FOLDER)
  (FOLDER / "generation_config.json").unlink(missing_ok=True)
  torch.save(original_names(model), FOLDER / "pytorch_model.bin")
  (FOLDER / "expected.json").write_text(json.dumps(answers(model)) + "\n")


if __name__ == "__main__":
  main()
