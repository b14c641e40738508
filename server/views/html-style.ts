/** The look of the HTML report. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ground:#f5f6f8;--ink:#1b1f24;--soft:#59636e;--line:#d9dee3;--link:#0757ba;
--bad:#b3261e;--bad-soft:#fdecea;--ask:#8a5a00;--ask-soft:#fff4d6;--good:#1a6b3c;--good-soft:#e4f5ea;--none:#8b949e;--none-soft:#eef0f2;
--mono:ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
@media (prefers-color-scheme:dark){:root{--paper:#15181d;--ground:#1c2026;--ink:#e6e9ed;--soft:#9aa4af;--line:#313841;--link:#79b8ff;
--bad:#ff8a80;--bad-soft:#3b1d1c;--ask:#f2c14e;--ask-soft:#372c12;--good:#7fd6a0;--good-soft:#15321f;--none:#7d8690;--none-soft:#23282f}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:72rem;margin:0 auto;padding:0 1.5rem}
header{padding-top:2.5rem;padding-bottom:.5rem}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:2px}
a:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:3px}
code,.path{font-family:var(--mono);font-size:.88em}
code{background:var(--none-soft);border-radius:4px;padding:.08em .3em}
a code{background:none;padding:0}
h1{margin:.1rem 0 1rem;font-size:1.9rem;line-height:1.2;font-weight:650;letter-spacing:-.01em}
h1.path{font-size:1.4rem;letter-spacing:0}
h2{margin:2.6rem 0 .9rem;font-size:1.25rem;font-weight:650}
h2.quiet{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
h3,h4{margin:0;font-size:1rem;font-weight:650}
h4{margin:1rem 0 .2rem;font-size:.9rem;color:var(--soft)}
p{margin:.4rem 0}
ol,ul{margin:0;padding:0;list-style:none}
.what{margin:0;color:var(--soft);font-size:.9rem}
.scope,.legend,.looked,.rule,.where,.question,footer{color:var(--soft)}
.scope,.legend{font-size:.9rem}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.sign{font-family:var(--mono);font-weight:700}
.verdict{margin:0;padding:.9rem 1.1rem;border-radius:10px;background:var(--none-soft);border-left:5px solid var(--none);font-size:1.05rem}
.verdict strong{margin-right:.35rem}
.defects .verdict{background:var(--bad-soft);border-color:var(--bad)}
.review .verdict{background:var(--ask-soft);border-color:var(--ask)}
.clear .verdict{background:var(--good-soft);border-color:var(--good)}
header.defects .verdict .sign,header.defects .verdict strong,b.defects,li.defects>b,.sign.defects{color:var(--bad)}
header.review .verdict .sign,header.review .verdict strong,b.review,li.review>b,.sign.review{color:var(--ask)}
header.clear .verdict .sign,header.clear .verdict strong,b.clear,li.clear>b,.sign.clear{color:var(--good)}
.figures{display:flex;flex-wrap:wrap;gap:.3rem 1.6rem;margin:1rem 0 .2rem}
.figures b{font-size:1.35rem;font-weight:650;font-variant-numeric:tabular-nums}
.figures .zero{color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.8rem;margin-top:1.6rem}
.card{display:flex;flex-direction:column;padding:.85rem 1rem;border:1px solid var(--line);border-top:4px solid var(--none);border-radius:10px;background:var(--ground)}
.card.defects{border-top-color:var(--bad)}.card.review{border-top-color:var(--ask)}.card.clear{border-top-color:var(--good)}
.card .mark{margin:0 0 .25rem}
.mark{font-size:.82rem;font-weight:600;color:var(--none)}
.defects>.mark,.defects>h3 .mark{color:var(--bad)}.review>.mark,.review>h3 .mark{color:var(--ask)}.clear>.mark,.clear>h3 .mark{color:var(--good)}
.number{color:var(--soft);font-weight:500}
.question{margin:.3rem 0 .7rem;font-size:.86rem;line-height:1.4}
.tally{margin:auto 0 0;font-size:.9rem}
.not-applicable .tally{color:var(--soft)}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;align-items:center;margin-bottom:.7rem}
.key{display:inline-flex;gap:.4rem;align-items:center}
.key .cell{width:1.7rem}
.map{position:relative;overflow-x:auto;border:1px solid var(--line);border-radius:10px;padding:.4rem .7rem .7rem;background:var(--ground)}
.row{display:grid;grid-template-columns:minmax(14rem,1fr) repeat(7,minmax(3.6rem,5.6rem));gap:2px;align-items:stretch;min-width:44rem}
.row+.row{margin-top:2px}
.row>.path{padding:.12rem .4rem .12rem 1.4rem;font-size:.82rem;align-self:center}
.row.folder>.path{padding-left:0;font-weight:600}
.row.folder small{color:var(--soft);font-weight:400}
.row.head{position:sticky;top:0;background:var(--ground);color:var(--soft);font-size:.78rem;padding:.25rem 0}
.row.head span:not(:first-child){text-align:center}
.map details{margin-top:.45rem}
.map summary{cursor:pointer;list-style:none;padding-left:1.1rem;position:relative}
.map summary::-webkit-details-marker{display:none}
.map summary::before{content:"▸";position:absolute;left:.1rem;color:var(--soft)}
.map details[open]>summary::before{content:"▾"}
.map details[open]>summary{margin-bottom:2px}
.map div.row:not(.head){padding-left:1.1rem}
.row.head{padding-left:1.1rem}
.cell{display:flex;align-items:center;justify-content:center;min-height:1.5rem;border-radius:4px;background:var(--none-soft);color:var(--none);font:600 .8rem/1 var(--mono)}
.cell.defects{background:var(--bad);color:var(--paper)}
.cell.review{background:var(--ask-soft);color:var(--ask);box-shadow:inset 0 0 0 1.5px var(--ask)}
.cell.clear{background:var(--good-soft);color:var(--good)}
.file{padding:1.1rem 0 1.2rem;border-top:1px solid var(--line)}
.file>h3.path{font-size:1rem}
.said{margin:.2rem 0 .5rem;color:var(--soft)}
.strip{display:block;width:100%;height:12px;margin:.7rem 0 .9rem;border-radius:4px}
.strip .ground{fill:var(--none-soft)}.strip .pass{fill:var(--good);opacity:.55}.strip .open{fill:var(--none)}.strip .review{fill:var(--ask)}.strip .fail{fill:var(--bad)}
.answers{counter-reset:answer}
.answer{counter-increment:answer;position:relative;padding:.9rem 0 .5rem 2.2rem}
.answer::before{content:counter(answer) ".";position:absolute;left:0;color:var(--soft);font-variant-numeric:tabular-nums}
.answer h3 .mark{margin-left:.5rem;white-space:nowrap}
.point{margin:.7rem 0;padding:.7rem .9rem;border-left:4px solid var(--ask);border-radius:0 8px 8px 0;background:var(--ground)}
.point.defects{border-color:var(--bad)}
.point p{margin:.25rem 0}
.message{font-size:1.02rem}
.tag{display:inline-block;margin-right:.25rem;padding:.02rem .5rem;border-radius:999px;font-size:.78rem;font-weight:650;background:var(--ask-soft);color:var(--ask)}
.point.defects .tag{background:var(--bad-soft);color:var(--bad)}
.where{font-size:.86rem;white-space:normal}
.where::before{content:"— "}
.trail{margin:.35rem 0 .35rem .2rem;font-size:.92rem}
.trail li{padding:.1rem 0 .1rem 1rem;border-left:2px solid var(--line)}
.cure{font-size:.92rem}
.rule{font-size:.85rem}
.notes li{position:relative;padding:.14rem 0 .14rem 1.6rem}
.notes .sign{position:absolute;left:.2rem;color:var(--none)}
.notes .clear .sign{color:var(--good)}
.more{margin:.6rem 0}
.more>summary{cursor:pointer;color:var(--link);font-size:.92rem}
.paths{columns:2;font-size:.9rem;margin-top:.4rem}
.fault{color:var(--bad)}
footer{margin-top:3rem;padding-top:1rem;padding-bottom:2.5rem;border-top:1px solid var(--line);font-size:.86rem}
@media (max-width:40rem){header,main,footer{padding-left:1rem;padding-right:1rem}.paths{columns:1}.answer{padding-left:1.6rem}}
@media (forced-colors:active){.card,.point,.verdict,.cell{border:1px solid}}
@media print{
:root{--paper:#fff;--ground:#fff;--ink:#000;--soft:#444;--line:#bbb;--link:#000;--bad:#8c1a13;--bad-soft:#fdecea;--ask:#6b4600;--ask-soft:#fff4d6;--good:#125230;--good-soft:#e4f5ea;--none:#666;--none-soft:#f0f0f0}
body{font-size:10.5pt}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
header,main,footer{max-width:none;padding-left:0;padding-right:0}
details::details-content{content-visibility:visible;block-size:auto}
.cards{grid-template-columns:repeat(3,1fr)}
.card,.point,.answer h3,.row{break-inside:avoid}
h2,h3{break-after:avoid}
.map{overflow:visible;border:0;padding:0}
.row{min-width:0;grid-template-columns:minmax(0,1fr) repeat(7,1.55cm)}
.row.head{position:static;font-size:.62rem}
}
`
  .trim()
  .replaceAll('\n', '');
