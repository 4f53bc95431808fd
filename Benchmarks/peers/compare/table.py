"""The measurements as Markdown."""

TITLES = {
  "descent": "Descent", "pytorch": "PyTorch", "torch-compile": "torch.compile", "jax": "JAX jit", "keras": "Keras",
  "onnxruntime": "ONNX Runtime", "onednn": "oneDNN",
}
HEADINGS = {
  "steps": "Training steps and inference",
  "products": "Products of matrices",
  "convolutions": "Convolutions",
  "cache": "Single operations within the caches",
  "memory": "Single operations beyond the caches",
  "growth": "Growth",
}
# Numbers read and written by one run, for each element of the largest operand.
STREAMS = {"softmax": 2, "layerNorm": 2, "transpose": 2, "triad": 3, "adam": 7}


def duration(microseconds):
  for limit, unit, factor in ((1, "ns", 1e3), (1e3, "µs", 1), (1e6, "ms", 1e-3)):
    if microseconds < limit:
      return f"{microseconds * factor:.3g} {unit}"
  return f"{microseconds * 1e-6:.3g} s"


def rate(workload, microseconds):
  """What one run comes to per second, where that says more than its time."""
  if workload["kind"] == "product":
    return f"{2e-3 * workload['m'] * workload['n'] * workload['k'] / microseconds:.0f} GFLOP/s"
  if workload["kind"] == "convolution":
    taps = workload["window"] ** 2 * workload["inputs"] * workload["outputs"]
    return f"{2e-3 * workload['batch'] * workload['size'] ** 2 * taps / microseconds:.0f} GFLOP/s"
  if workload["kind"] in STREAMS:
    elements = workload.get("count") or workload["rows"] * workload["columns"]
    return f"{4e-3 * STREAMS[workload['kind']] * elements / microseconds:.0f} GB/s"
  return None


def fastest_peer(engines):
  peers = {engine: entry for engine, entry in engines.items() if engine != "descent"}
  return min(peers, key=lambda engine: peers[engine]["ratio"]) if peers else None


def ratio_text(value):
  return f"{value:.0f}" if value >= 10 else f"{value:.2f}"


def group_table(rows, workloads):
  engines = [e for e in TITLES if any(e in row["engines"] for row in rows)]
  header = ["workload"] + [TITLES[e] for e in engines] + ["fastest peer ÷ Descent", "lowest to highest round"]
  has_aims = any("wanted" in workloads[row["workload"]] for row in rows)
  header += ["wanted"] if has_aims else []
  lines = ["| " + " | ".join(header) + " |", "| --- |" + " ---: |" * (len(header) - 1)]
  for row in rows:
    workload = workloads[row["workload"]]
    best = fastest_peer(row["engines"])
    cells = [row["workload"] + (" †" if row["disturbed"] else "")]
    for engine in engines:
      entry = row["engines"].get(engine)
      text = "–"
      if entry:
        text = duration(entry["microseconds"])
        more = rate(workload, entry["microseconds"])
        text += f" ({more})" if more else ""
        text += f", {entry['threads']} thread" if entry["threads"] != row["threads"] else ""
        text = f"**{text}**" if engine == best else text
      cells.append(text)
    if best:
      low, high = row["engines"][best]["ratios"]
      cells += [ratio_text(row["engines"][best]["ratio"]), f"{ratio_text(low)} to {ratio_text(high)}"]
    else:
      cells += ["–", "–"]
    cells += [workload.get("wanted", "")] if has_aims else []
    lines.append("| " + " | ".join(cells) + " |")
  return "\n".join(lines)


def page(results, workloads, charts):
  machine, rows = results["machine"], results["rows"]
  versions = machine["versions"]
  dates = sorted(row["date"] for row in rows)
  lines = [
    "# Speed", "",
    "Written by `Benchmarks/compare.sh`; how it measures is in `Benchmarks/README.md`. Ratios compare times taken in the "
    "same rounds; above 1 Descent is faster. Times alone say little: other programs shared the machine.", "",
    f"* Machine: {machine['processor']}, {machine['cores']} cores, {', '.join(machine['vectors'])}; "
    f"L1 {machine['caches']['L1d']}, L2 {machine['caches']['L2']}, L3 {machine['caches']['L3']}; {machine['memory']}; "
    f"{machine['system']}",
    f"* Descent at {', '.join(sorted({row['revision'] for row in rows}))}, Swift {versions['swift']}; "
    + ", ".join(f"{TITLES[e]} {versions[e]}" for e in TITLES if e in versions and e != "descent")
    + f"; Python {versions['python']}",
    f"* Measured {dates[0]} to {dates[-1]} UTC by",
  ]
  lines += [f"  `{command}`" for command in results["commands"]]
  for threads in sorted({row["threads"] for row in rows}, reverse=True):
    for group, heading in HEADINGS.items():
      chosen = [r for r in rows if r["threads"] == threads and workloads[r["workload"]]["group"] == group]
      if not chosen:
        continue
      used = f"{threads} thread{'s' if threads > 1 else ''}"
      lines += ["", f"## {heading}, {used}", "", group_table(chosen, workloads)]
  if any(row["disturbed"] for row in rows):
    lines += ["", "† Other programs took more than 8 % of the processors in some of its rounds."]
  lines += [f"\n![{title}]({name})" for name, title in charts]
  return "\n".join(lines) + "\n"
