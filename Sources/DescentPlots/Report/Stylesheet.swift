/// How pages and charts look. All text on its ground has a contrast of at least 4.5, and the colours of series can be
/// told apart by those who see red and green alike.
enum Stylesheet {
  private static let dark = """
    --paper: #15181c; --ink: #e8eaed; --quiet: #a9b0b8; --rule: #3a4048; --panel: #1e2227; --link: #8ab8ff;
    --c0: #79aeff; --c1: #ff9d57; --c2: #3fc9a0; --c3: #f08fd0; --c4: #d8bd3c; --c5: #b4bcc6;
    --shade: #9ecbff; --below: #ffb27a; --alarm: #ff9d8a;
    """

  static let colours = """
    :root, svg.plot { color-scheme: light dark;
    --paper: #ffffff; --ink: #1b1f24; --quiet: #565e68; --rule: #d5d9de; --panel: #f4f6f8; --link: #0b57b5;
    --c0: #1f5fbf; --c1: #b54a00; --c2: #00755a; --c3: #a52f7c; --c4: #7a6000; --c5: #5c6470;
    --shade: #08458c; --below: #a34200; --alarm: #b3261e; }
    @media (prefers-color-scheme: dark) { :root, svg.plot { \(dark) } }
    """

  static let page = """
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
    header, main, footer { max-width: 1200px; margin: 0 auto; padding: 0 16px; }
    header { padding-top: 28px; }
    h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 8px; overflow-wrap: anywhere; }
    h2 { font-size: 1.35rem; line-height: 1.25; margin: 40px 0 12px; padding-top: 14px; border-top: 1px solid var(--rule);
    overflow-wrap: anywhere; }
    h3, h4, h5, h6 { font-size: 1.1rem; margin: 24px 0 8px; overflow-wrap: anywhere; }
    p, li { max-width: 75ch; overflow-wrap: anywhere; margin: 8px 0; }
    ul { padding-left: 22px; }
    a { color: var(--link); }
    nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; padding: 0; }
    footer { color: var(--quiet); margin-top: 48px; padding-bottom: 28px; font-size: 0.9rem; }
    .note { color: var(--quiet); font-size: 0.9rem; }
    .scroll { overflow-x: auto; }
    .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 20px 32px; }
    figure { margin: 12px 0; min-width: 0; }
    figure.chart > figcaption, figure.wide > figcaption { font-weight: 600; margin-bottom: 6px; overflow-wrap: anywhere; }
    figure.wide { grid-column: 1 / -1; }
    table { border-collapse: collapse; width: max-content; font-size: 0.93rem; margin: 8px 0; }
    caption { text-align: left; color: var(--quiet); padding-bottom: 4px; }
    th, td { text-align: left; vertical-align: top; padding: 4px 14px 4px 0; border-bottom: 1px solid var(--rule);
    max-width: 60ch; overflow-wrap: break-word; }
    th { font-weight: 600; white-space: nowrap; }
    th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    pre { background: var(--panel); padding: 12px 14px; border-radius: 6px; font: 0.88rem/1.5 ui-monospace, monospace; }
    .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 16px 0; }
    .facts > div { background: var(--panel); border-radius: 6px; padding: 10px 14px; }
    .facts dt { color: var(--quiet); font-size: 0.88rem; }
    .facts dd { margin: 0; font-size: 1.25rem; font-weight: 600; overflow-wrap: anywhere; }
    .sample { background: var(--panel); border-left: 3px solid var(--c0); padding: 4px 14px; margin: 12px 0; }
    .sample p { white-space: pre-wrap; }
    .pictures { display: flex; flex-wrap: wrap; gap: 12px; }
    .pictures figure { margin: 0; max-width: 100%; }
    .pictures img { display: block; max-width: 100%; height: auto; image-rendering: pixelated; background: var(--panel); }
    .pictures figcaption { font-size: 0.82rem; line-height: 1.35; overflow-wrap: anywhere; }
    .pictures .highlighted { color: var(--alarm); font-weight: 600; }
    """

  static let plots = """
    svg.plot { display: block; width: 100%; height: auto; font: 14px system-ui, sans-serif; }
    svg.plot .page { fill: var(--paper); }
    svg.plot .t { fill: var(--ink); }
    svg.plot .q { fill: var(--quiet); }
    svg.plot .h { font-size: 15px; font-weight: 600; }
    svg.plot .medium { font-size: 11px; }
    svg.plot .small { font-size: 8.5px; }
    svg.plot .grid { stroke: var(--rule); stroke-width: 1; }
    svg.plot .axis { stroke: var(--quiet); stroke-width: 1; }
    svg.plot .frame { fill: none; stroke: var(--rule); }
    svg.plot .line { fill: none; stroke: var(--s); stroke-width: 2; stroke-linejoin: round; }
    svg.plot .dot { fill: var(--s); }
    svg.plot .faint { fill-opacity: 0.45; }
    svg.plot .band { fill: var(--s); fill-opacity: 0.18; }
    svg.plot .bar { fill: var(--s); }
    svg.plot .mark { stroke: var(--ink); stroke-width: 1.5; fill: none; stroke-dasharray: 2 3; }
    svg.plot .m1 { stroke: var(--quiet); stroke-dasharray: 7 3; }
    svg.plot .whisker { stroke: var(--ink); stroke-width: 1.5; }
    svg.plot .tip { fill: transparent; }
    svg.plot .tip:hover { fill: var(--ink); fill-opacity: 0.35; }
    svg.plot .cell { fill: var(--shade); }
    svg.plot .below { fill: var(--below); }
    svg.plot .broken { fill: none; stroke: var(--alarm); stroke-dasharray: 3 2; }
    svg.plot .value { fill: #000000; }
    svg.plot .bright { fill: #ffffff; }
    @media (prefers-color-scheme: dark) {
    svg.plot .value { fill: #ffffff; } svg.plot .deep { fill: #000000; } }
    svg.plot .s0 { --s: var(--c0); } svg.plot .s1 { --s: var(--c1); } svg.plot .s2 { --s: var(--c2); }
    svg.plot .s3 { --s: var(--c3); } svg.plot .s4 { --s: var(--c4); } svg.plot .s5 { --s: var(--c5); }
    svg.plot .d1 { stroke-dasharray: 7 3; } svg.plot .d2 { stroke-dasharray: 2 3; }
    svg.plot .d3 { stroke-dasharray: 9 3 2 3; }
    """

  /// Paper is white, and nothing on it scrolls.
  static let printing = """
    @media print {
    nav { display: none; }
    figure, table, pre, .facts, .sample { break-inside: avoid; }
    h2, h3 { break-after: avoid; }
    .scroll { overflow: visible; }
    .charts { grid-template-columns: 1fr 1fr; gap: 8px 24px; }
    pre { white-space: pre-wrap; }
    body { font-size: 11pt; } }
    """
}
