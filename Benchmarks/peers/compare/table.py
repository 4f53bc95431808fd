"""The measurements as Markdown."""

import statistics

TITLES = {
  "descent": "Descent", "pytorch": "PyTorch", "torch-compile": "torch.compile", "jax": "JAX jit", "keras": "Keras",
  "onnxruntime": "ONNX Runtime", "onednn": "oneDNN",
}
HEADINGS = {
  "steps": "Training steps and inference",
  "products": "Products of matrices",
  "convolutions": "Convolutions",
  "bfloat16": "Training steps whose products multiply bfloat16",
  "cache": "Single operations within the caches",
  "memory": "Single operations beyond the caches",
  "growth": "Growth",
}
# The ratio of the fastest peer's time to Descent's that is wanted where a workload names none.
WANTED = {"steps": 1.2, "convolutions": 0.9, "products": 0.88, "cache": 1.2, "growth": 1}
WANTED_MEDIAN = {"products": 0.95}
# Products of fewer multiplications, which cost more to begin than to do.
SMALL_PRODUCT, WANTED_SMALL_PRODUCT = 10_000, 1.5
# The share of the memory's bandwidth that is wanted of an operation beyond the caches.
WANTED_SHARE = 0.8
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
    return f"{2e-3 * multiplications(workload) / microseconds:.0f} GFLOP/s"
  if workload["kind"] == "convolution":
    taps = workload["window"] ** 2 * workload["inputs"] // workload["groups"] * workload["outputs"]
    return f"{2e-3 * workload['batch'] * workload['size'] ** 2 * taps / microseconds:.0f} GFLOP/s"
  if workload["kind"] in STREAMS:
    return f"{gigabytes_per_second(workload, microseconds):.0f} GB/s"
  return None


def multiplications(product):
  return product["m"] * product["n"] * product["k"]


def gigabytes_per_second(workload, microseconds):
  elements = workload.get("count") or workload["rows"] * workload["columns"]
  return 4e-3 * STREAMS[workload["kind"]] * elements / microseconds


def wanted(workload, engines):
  """What ratio is wanted, and whether it was missed."""
  aim = workload.get("wanted", WANTED.get(workload["group"]))
  if workload["kind"] == "product" and multiplications(workload) < SMALL_PRODUCT:
    aim = WANTED_SMALL_PRODUCT
  peer = workload.get("wantedAgainst", fastest_peer(engines))
  if aim is None or peer not in engines:
    return ""
  against = f" against {TITLES[peer]}" if "wantedAgainst" in workload else ""
  return f"≥ {aim:g}{against}" + missed(engines[peer]["ratio"] >= aim)


def missed(is_reached):
  return "" if is_reached else ", missed"


def share(workload, row):
  """What part of the memory's bandwidth, measured in the same rounds, Descent used; and what is wanted."""
  if "bandwidth" not in row:
    return ["–", f"≥ {WANTED_SHARE:.0%}"]
  part = gigabytes_per_second(workload, row["engines"]["descent"]["microseconds"]) / row["bandwidth"]
  return [f"{part:.0%} of {row['bandwidth']:.0f} GB/s", f"≥ {WANTED_SHARE:.0%}" + missed(part >= WANTED_SHARE)]


def fastest_peer(engines):
  peers = {engine: entry for engine, entry in engines.items() if engine != "descent"}
  return min(peers, key=lambda engine: peers[engine]["ratio"]) if peers else None


def ratio_text(value):
  return f"{value:.0f}" if value >= 10 else f"{value:.2f}"


def group_table(rows, workloads):
  engines = [e for e in TITLES if any(e in row["engines"] for row in rows)]
  header = ["workload"] + [TITLES[e] for e in engines] + ["fastest peer ÷ Descent", "lowest to highest round"]
  is_memory = workloads[rows[0]["workload"]]["group"] == "memory"
  header += ["Descent's share of the bandwidth", "wanted"] if is_memory else ["wanted"]
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
    cells += share(workload, row) if is_memory else [wanted(workload, row["engines"])]
    lines.append("| " + " | ".join(cells) + " |")
  aim = WANTED_MEDIAN.get(workloads[rows[0]["workload"]]["group"])
  ratios = [row["engines"][best]["ratio"] for row in rows if (best := fastest_peer(row["engines"]))]
  if aim and ratios:
    median = statistics.median(ratios)
    lines += ["", f"Median of the ratios: {ratio_text(median)}; wanted: ≥ {aim:g}" + missed(median >= aim) + "."]
  return "\n".join(lines)


def starts_table(rows, workloads):
  lines = [
    "| workload | tracing and planning | wanted | process start to first step | of PyTorch | wanted "
    "| peak resident memory | of PyTorch | wanted |",
    "| --- |" + " ---: |" * 8,
  ]
  milliseconds = lambda value: "–" if value is None else duration(value * 1e3)
  megabytes = lambda value: "–" if value is None else f"{value:.0f} MB"

  def at_most(limit, value, text):
    return "" if limit is None or value is None else f"≤ {text(limit)}" + missed(value <= limit)

  for row in rows:
    workload, own, peer = workloads[row["workload"]], row["engines"]["descent"], row["engines"]["pytorch"]
    planning, first, memory = (own.get(key) for key in ("planning", "firstStep", "memory"))
    cells = [
      row["workload"],
      milliseconds(planning), at_most(workload.get("wantedPlanning"), planning, milliseconds),
      milliseconds(first), milliseconds(peer.get("firstStep")),
      at_most(workload.get("wantedFirstStep"), first, milliseconds),
      megabytes(memory), megabytes(peer.get("memory")), at_most(peer.get("memory"), memory, megabytes),
    ]
    lines.append("| " + " | ".join(cells) + " |")
  return "\n".join(lines)


def page(results, workloads, charts):
  machine, rows = results["machine"], results["rows"]
  versions = machine["versions"]
  dates = sorted(row["date"] for row in rows + results["starts"])
  lines = [
    "# Speed", "",
    "Written by `Benchmarks/compare.sh`; how it measures is in `Benchmarks/README.md`. Ratios compare times taken in the "
    "same rounds; above 1 Descent is faster. Times alone say little: other programs shared the machine.", "",
    f"* Machine: {machine['processor']}, {machine['cores']} cores, {', '.join(machine['vectors'])}; "
    f"L1 {machine['caches']['L1d']}, L2 {machine['caches']['L2']}, L3 {machine['caches']['L3']}; {machine['memory']}; "
    f"{machine['system']}",
    f"* Descent at {', '.join(sorted({row['revision'] for row in rows + results['starts']}))}, Swift {versions['swift']}; "
    + ", ".join(f"{TITLES[e]} {versions[e]}" for e in TITLES if e in versions and e != "descent")
    + f"; Python {versions['python']}",
    f"* Measured {dates[0]} to {dates[-1]} UTC by",
  ]
  lines += [f"  `{command}`" for command in results["commands"]]
  for threads in sorted({row["threads"] for row in rows + results["starts"]}, reverse=True):
    used = f"{threads} thread{'s' if threads > 1 else ''}"
    for group, heading in HEADINGS.items():
      chosen = [r for r in rows if r["threads"] == threads and workloads[r["workload"]]["group"] == group]
      if not chosen:
        continue
      lines += ["", f"## {heading}, {used}", "", group_table(chosen, workloads)]
    starts = [row for row in results["starts"] if row["threads"] == threads]
    if starts:
      lines += ["", f"## Planning, the first step and memory, {used}", "", starts_table(starts, workloads)]
  if any(row["disturbed"] for row in rows):
    lines += ["", "† Other programs took more than 8 % of the processors in some of its rounds."]
  lines += [f"\n![{title}]({name})" for name, title in charts]
  return "\n".join(lines) + "\n"
