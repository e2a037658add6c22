// The style sheet of the report: light and dark by the reader's preference, figures of equal width, print.
#pragma once

namespace nocturne {

constexpr char report_style[] = R"css(
:root{--paper:#fbfbf9;--card:#fff;--ink:#1d2230;--muted:#666d7d;--line:#dfe1e6;--accent:#8a2f5d;--second:#d9722b;
--good:#1b7f5a;--warn:#a86500;--bad:#b3261e;
--t0:#2f7d6b;--t1:#8a93a6;--t2:#b9a24a;--t3:#c2553c;--t4:#5d6fb3;--t5:#9c6bb0;--t6:#7b8f3a;--t7:#d98a3d;--t8:#4aa0b9}
@media(prefers-color-scheme:dark){:root{--paper:#14161c;--card:#1b1e26;--ink:#e6e8ee;--muted:#9aa1b1;--line:#30343f;
--accent:#e58bb8;--second:#f2a05e;--good:#5fc79f;--warn:#e6b04d;--bad:#f2857d;
--t0:#4fae97;--t1:#717a8d;--t2:#cdb75c;--t3:#dd7259;--t4:#8495d8;--t5:#bb8fd0;--t6:#a3b85a;--t7:#e9a763;--t8:#6fc0d8}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1120px;margin:0 auto;padding:36px 28px 64px}
header{border-bottom:1px solid var(--line);padding-bottom:22px;margin-bottom:26px}
h1{font-size:27px;line-height:1.2;margin:0;font-weight:650;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:17px;font-weight:650;margin:44px 0 12px}
h3{font-size:13.5px;font-weight:600;color:var(--muted);margin:0 0 6px}
.over{color:var(--muted);font-size:13px;margin:0 0 6px}
.verdict{display:flex;gap:12px;align-items:baseline;margin:12px 0 0;font-size:16px}
.badge{font-size:12.5px;font-weight:700;letter-spacing:.06em;padding:2px 10px;border-radius:999px;border:1.5px solid;flex:none}
.pass{color:var(--good)}.warn{color:var(--warn)}.fail{color:var(--bad)}
dl.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:16px 24px;margin:24px 0 0}
.facts dt{color:var(--muted);font-size:12.5px}.facts dd{margin:1px 0 0;font-weight:550;font-variant-numeric:tabular-nums}
.facts small{display:block;font-weight:400;color:var(--muted);font-size:12.5px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}
th{font-weight:600;font-size:12.5px;color:var(--muted);text-align:right;padding:4px 10px;border-bottom:1px solid var(--line);vertical-align:bottom;white-space:nowrap}
td{text-align:right;padding:4px 10px;border-bottom:1px solid var(--line);white-space:nowrap}
th.l,td.l{text-align:left}td.w{white-space:normal;overflow-wrap:anywhere}
tr.sum td{font-weight:600;border-bottom:0}tr:last-child td{border-bottom:0}
td.m,code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:12.5px}
.scroll{overflow-x:auto}
.note{color:var(--muted);font-size:13px;margin:8px 0 0;max-width:82ch}
.figures{display:flex;flex-wrap:wrap;gap:26px;align-items:flex-start}
figure{margin:0}.figures figcaption{max-width:420px}figcaption{color:var(--muted);font-size:13px;margin-top:6px;max-width:60ch}
svg{display:block;max-width:100%;height:auto;overflow:visible}
svg.sky{width:1000px}svg.small{width:286px}svg.chart{width:420px}svg.bar{width:100%;margin:4px 0 14px}
svg text{font-size:12px;fill:var(--muted);font-family:inherit;font-variant-numeric:tabular-nums}
svg text.title{font-size:12.5px;fill:var(--ink)}
.frame{fill:none;stroke:var(--muted);stroke-width:1}.tick{stroke:var(--muted);stroke-width:1}.grid{stroke:var(--line);stroke-width:1}
rect.frame[fill]{fill:url(#sky-colours)}
.graticule polyline{fill:none;stroke:#fff;stroke-opacity:.22;stroke-width:.8}
.beam rect{fill:#000;fill-opacity:.45}.beam ellipse{fill:#fff}
.sources circle{fill:none;stroke:#6fe3e1;stroke-width:1.3}.sources text{fill:#6fe3e1;font-size:11.5px;paint-order:stroke;stroke:#000;stroke-opacity:.6;stroke-width:2.5px}
.area{fill:var(--accent);fill-opacity:.28;stroke:var(--accent);stroke-width:.8}
.line{fill:none;stroke-width:1.6}.line.one{stroke:var(--accent)}.line.two{stroke:var(--second)}
.dots{fill:none;stroke:var(--accent);stroke-width:1.4;stroke-linecap:round;stroke-opacity:.55}
.tone0{fill:var(--t0)}.tone1{fill:var(--t1)}.tone2{fill:var(--t2)}.tone3{fill:var(--t3)}.tone4{fill:var(--t4)}
.tone5{fill:var(--t5)}.tone6{fill:var(--t6)}.tone7{fill:var(--t7)}.tone8{fill:var(--t8)}
svg text.inside{fill:var(--paper);font-weight:600}
.hollow{fill:none;stroke:var(--bad);stroke-dasharray:4 3}
.key{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:8px}
.key.tone0{background:var(--t0)}.key.tone1{background:var(--t1)}.key.tone2{background:var(--t2)}.key.tone3{background:var(--t3)}
.key.tone4{background:var(--t4)}.key.tone5{background:var(--t5)}.key.tone6{background:var(--t6)}.key.tone7{background:var(--t7)}.key.tone8{background:var(--t8)}
pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:12px 14px;overflow:auto;max-height:460px;margin:8px 0 0}
details{margin-top:16px}summary{cursor:pointer;font-weight:600;font-size:14px}
@media print{body{background:#fff}main{padding:0}h2,figure,tr{break-inside:avoid}pre{max-height:none}}
)css";

}  // namespace nocturne
