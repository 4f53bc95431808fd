"""How times grow, as one SVG a chart: both axes logarithmic, a line for each engine."""

import math
import re

from .table import TITLES, duration

# Prefix of the workloads' names: title and what is on the horizontal axis.
CHARTS = {
  "batch": ("A training step of 784-512-256-10 against the batch", "rows in a batch"),
  "width": ("A training step of 64-w-w-10 against the width, batch 128", "width w"),
  "depth": ("A training step of a tanh network against the depth, width 64, batch 128", "layers"),
  "context": ("A training step of one transformer block against the context, 4096 tokens", "context"),
}
COLORS = {
  "descent": "#d1401f", "pytorch": "#3a6ea5", "torch-compile": "#7a9cc6", "jax": "#2a8f6f", "keras": "#8a6bb1",
}
WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 72, 130, 48, 56


def points(rows, prefix):
  """For each engine the list of (size, microseconds), by size."""
  lines = {}
  for row in rows:
    match = re.fullmatch(rf"{prefix}-(\d+)", row["workload"])
    if match:
      for engine, entry in row["engines"].items():
        lines.setdefault(engine, []).append((int(match[1]), entry["microseconds"]))
  return {engine: sorted(line) for engine, line in lines.items()}


def spread(positions, gap):
  """Moves labels that would overlap apart, in order."""
  placed = []
  for key, y in sorted(positions.items(), key=lambda item: item[1]):
    placed.append((key, max(y, placed[-1][1] + gap) if placed else y))
  return dict(placed)


def chart(lines, title, horizontal):
  xs = sorted({x for line in lines.values() for x, _ in line})
  ys = [y for line in lines.values() for _, y in line]
  low, high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))
  first, last = math.log(xs[0]), math.log(xs[-1])
  x_at = lambda x: LEFT + (WIDTH - LEFT - RIGHT) * (math.log(x) - first) / (last - first)
  y_at = lambda y: HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (math.log10(y) - low) / (high - low)

  parts = [
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="system-ui, sans-serif" '
    'font-size="13" role="img">',
    f"<title>{title}</title>",
    f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    f'<text x="{LEFT}" y="26" font-size="15" font-weight="600" fill="#222222">{title}</text>',
  ]
  for power in range(low, high + 1):
    y = y_at(10**power)
    parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e2e2e2"/>')
    parts.append(
      f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#555555">{duration(10.0**power)}</text>')
  for x in xs:
    parts.append(
      f'<text x="{x_at(x):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="#555555">{x}</text>')
  middle = (LEFT + WIDTH - RIGHT) / 2
  parts.append(f'<text x="{middle}" y="{HEIGHT - 12}" text-anchor="middle" fill="#555555">{horizontal}</text>')

  labels = spread({engine: y_at(line[-1][1]) for engine, line in lines.items()}, 16)
  for engine in [e for e in TITLES if e in lines]:
    color, weight = COLORS.get(engine, "#777777"), 3 if engine == "descent" else 1.8
    path = " ".join(f"{x_at(x):.1f},{y_at(y):.1f}" for x, y in lines[engine])
    parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="{weight}"/>')
    for x, y in lines[engine]:
      parts.append(
        f'<circle cx="{x_at(x):.1f}" cy="{y_at(y):.1f}" r="{weight + 1}" fill="{color}">'
        f"<title>{TITLES[engine]}, {x}: {duration(y)}</title></circle>")
    end = x_at(lines[engine][-1][0])
    parts.append(
      f'<text x="{end + 10:.1f}" y="{labels[engine] + 4:.1f}" fill="{color}" '
      f'font-weight="{600 if engine == "descent" else 400}">{TITLES[engine]}</text>')
  return "\n".join(parts) + "\n</svg>\n"


def write(folder, rows):
  """Writes the charts there are measurements for and gives their file names and titles."""
  written = []
  most = max((row["threads"] for row in rows), default=0)
  rows = [row for row in rows if row["threads"] == most]
  for prefix, (title, horizontal) in CHARTS.items():
    lines = points(rows, prefix)
    if lines and len(next(iter(lines.values()))) > 1:
      name = f"growth-{prefix}.svg"
      (folder / name).write_text(chart(lines, title, horizontal))
      written.append((name, title))
  return written
