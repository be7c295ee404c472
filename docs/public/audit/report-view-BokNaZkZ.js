import{i as e,r as t,t as n}from"./format-number-KLoAP8DQ.js";import{n as r,t as i}from"./main.js";import{_ as a,g as o,r as s}from"./pair-collector-D9B3osya.js";function c(e,t){let n=new Set(t),r=[],i=(e,t,i)=>t.filter(t=>{let a=[...n].find(e=>i(t,e));return a?(n.delete(a),r.push({before:t,after:a,by:e}),!1):!0}),a=(e,t)=>e.count===t.count&&e.dim===t.dim;return{matched:r,onlyBefore:i(`shape`,i(`name`,e,(e,t)=>e.layer===t.layer&&a(e,t)),a),onlyAfter:[...n]}}function l(e,t){let n=c(e.layers,t.layers);return{version:2,lines:d(n),...n}}function u({before:e,after:t}){let[n,r]=[o(e),o(t)];return n===null||r===null?null:r-n}function d({matched:t,onlyBefore:r,onlyAfter:i}){if(t.length===0)return[`No layer of one matches a layer of the other, by name or by shape.`];let a=t.filter(e=>u(e)!==null),s=a.filter(e=>Math.abs(u(e))>.01*Math.abs(o(e.before))),c=s.filter(e=>u(e)<0).length,l=[...s].sort((e,t)=>Math.abs(p(t))-Math.abs(p(e)))[0],d=r.length+i.length;return[`${n(t.length,`layer`)} of both: ${c} less redundant after, ${s.length-c} more, ${a.length-s.length} the same within 1 %.`,...l?[`Most changed: ${e(l.before.layer)}, from a score of ${f(l.before)} to ${f(l.after)}.`]:[],...d>0?[`${n(r.length,`layer`)} only before, ${n(i.length,`layer`)} only after.`]:[]]}const f=e=>t(o(e),2);function p({before:e,after:t}){let[n,r]=[o(e),o(t)];return Math.log(Math.max(.001,r)/Math.max(.001,n))}const m=/(^|[/:.])(const_fold_opt__\d+|unknown_\d+|\w*MatMul_\d+|\w*Conv_\d+|\w*Gemm_\d+|Constant_\d+(_output_0)?|initializer_?\d+|_?val?_\d+|tensor_?\d+|_v_\d+|[a-z]?\d+)(_quantized|_QuantizeLinear)?$/;function h({layer:t,readBy:n}){let r=t.replace(/ \[[^[\]]*\]$/,``);return e(n!==null&&m.test(r)?`${t} (${n})`:t)}const ee=[{head:`layer`,keys:[`layer`],says:`its name in the file; ×5 behind it: five layers hold the same numbers, bit for bit`},{head:`read by`,keys:[`readBy`],says:`the node or layer that reads it; shown behind names that a converter made up`,wide:!0},{head:`kind`,keys:[`kind`,`role`],says:`what it belongs to, and what it does there`,wide:!0},{head:`N×d`,keys:[`count`,`dim`],says:`neurons, and the numbers each of them has`},{head:`score`,keys:[`livingScore`,`livingSpread`,`score`,`scoreSpread`],says:`(energy − best)/(random − best) of the living neurons: 0 is the best possible, 1 is what chance gives, above 1 is redundant; ± is one standard deviation of chance. Order and gates go by it`},{head:`with dead`,keys:[`score`,`scoreSpread`],says:`the same of all neurons as they are stored; shown where some are dead or faint`,wide:!0},{head:`w/o copies`,keys:[`distinctScore`],says:`the same of the living neurons, one of each group of copies; shown where there are copies. Near the score: a crowd; far below it: the copies make the score`,wide:!0},{head:`energy full`,keys:[`energyFull`],says:`mean potential of pairs of neurons, as points`,wide:!0},{head:`half`,keys:[`energyHalf`],says:`the same of neurons as lines, each with its opposite`,wide:!0},{head:`projected`,keys:[`projected`],says:`the energy after the projection; for comparing with a training that uses it`,wide:!0},{head:`best`,keys:[`best`,`bestIs`],says:`the least energy possible, where it is proven; ≥ marks a proven bound that may not be reached`,wide:!0},{head:`random`,keys:[`random`,`randomSpread`],says:`what uniformly random directions have, and the spread of that`,wide:!0},{head:`|cos| mean`,keys:[`meanCosine`],says:`how similar two neurons are on average; chance gives about √(2/(πd))`,wide:!0},{head:`w/o mean`,keys:[`centredCosine`],says:`the same after the mean row is taken away: far below |cos| mean where the neurons share a direction, near it where they repeat each other`,wide:!0},{head:`isotropy`,keys:[`isotropy`],says:`how evenly they fill the d dimensions once the mean row is gone: (r − 1)/(d − 1), r their rank; 1: evenly, 0: one line; at most (N − 2)/(d − 1). It is IsoScore of rows of length 1`,wide:!0},{head:`|cos| max`,keys:[`maxCosine`],says:`how similar the two most similar neurons are`},{head:`nearest pair`,keys:[`nearest`],says:`the two most similar neurons, by row`},{head:`dead`,keys:[`dead`],says:`neurons whose norm is at most 1e-6 of the layer's typical norm (the root mean square of all), zeros included`},{head:`faint`,keys:[`faint`],says:`neurons that aren't dead, but whose norm is at most 1e-3 of the median norm of those that aren't: their directions are mostly noise; shown where there are some`},{head:`dup.`,keys:[`duplicates`],says:`neurons within a chord of 0.01 of an earlier one (or, in half space, of its opposite)`},{head:`rank`,keys:[`effectiveRank`],says:`(Σλ)²/Σλ² over the eigenvalues of the directions' Gram matrix: how many directions the layer really uses`},{head:`stable rank`,keys:[`stableRank`],says:`‖W‖²/σ₁² of the rows as they are stored (Frobenius norm, largest singular value): small where one direction, or a few long rows, outweigh the rest`,wide:!0},{head:`top share`,keys:[`energyShares`],says:`the neuron with the largest part of the energy of the living ones, and that part; each has 1/N where all are alike`,wide:!0}],g={"&":`&amp;`,"<":`&lt;`,">":`&gt;`,'"':`&quot;`,"'":`&#39;`};function _(e){return e.replace(/[&<>"']/g,e=>g[e])}function v(e){let t=_(e.title);return`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-2/jiaA7YJMLgqr5727Ri1sHi/TFLtGbuEZBctW+aJlY='">
<title>${t}</title>
<style>
:root { color-scheme: light dark; --page: #fff; --text: #1c1f24; --quiet: #59606b; --rule: #d9dde3; --panel: #f5f7fa; --accent: #4269d0; --bad: #c2402a; --good: #2f8f6f; --zone: #eef1f5; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171c; --text: #e6e9ee; --quiet: #a0a8b4; --rule: #333a44; --panel: #1c2128; --accent: #8aa6f2; --bad: #f08a72; --good: #6cc7a5; --zone: #20262e; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 17px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1, h2, p { overflow-wrap: anywhere; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.35rem; margin: 3rem 0 .5rem; }
p { max-width: 46rem; }
.headline { font-size: 1.1rem; padding: 1rem 1.25rem; background: var(--panel); border-left: 4px solid var(--accent); }
.headline p { margin: .35rem 0; max-width: none; }
.scroll { overflow: auto; max-height: 85vh; margin: .5rem 0 1rem; }
.scroll:focus-visible { outline: 2px solid var(--accent); }
table { border-collapse: collapse; font-size: .82rem; font-variant-numeric: tabular-nums; width: 100%; }
.caption { color: var(--quiet); font-size: .9rem; max-width: none; margin: .5rem 0 0; }
th, td { padding: .35rem .4rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th:first-child, .text { text-align: left; }
tbody th { font-weight: 600; min-width: min(17rem, 40vw); max-width: 20rem; white-space: normal; overflow-wrap: anywhere; }
tbody th small { display: block; color: var(--quiet); font-weight: 400; font-size: inherit; }
thead th { color: var(--quiet); position: sticky; top: 0; background: var(--page); box-shadow: inset 0 -2px var(--rule); }
td.wide { white-space: normal; overflow-wrap: anywhere; min-width: min(26rem, 46vw); }
.all-columns { font-size: .9rem; }
.all-columns input { width: 1.1em; height: 1.1em; vertical-align: -.15em; accent-color: var(--accent); }
.numbers:not(:has(.all-columns :checked)) .more { display: none; }
summary { cursor: pointer; }
thead button { all: unset; cursor: pointer; font-weight: 600; }
thead button:focus-visible { outline: 2px solid var(--accent); }
thead [aria-sort=ascending] button::after { content: " ▲"; }
thead [aria-sort=descending] button::after { content: " ▼"; }
figure { margin: 1.5rem 0; }
figure svg { display: block; width: 100%; color: var(--text); }
figcaption { color: var(--quiet); font-size: .95rem; max-width: 46rem; margin-top: .75rem; }
figure ol { list-style: none; margin: 0; padding: 0; }
figure .name { overflow-wrap: anywhere; font-size: .85rem; line-height: 1.35; max-width: none; }
.scale { --room: 4.5rem; }
.scale .ticks { position: sticky; top: 0; z-index: 2; background: var(--page); padding-top: .25rem; border-bottom: 1px solid var(--rule); font-size: .8rem; color: var(--quiet); }
.scale .places { position: relative; height: 1.25rem; margin-right: var(--room); }
.scale .places span { position: absolute; white-space: nowrap; }
.scale .rows { position: relative; padding-top: .25rem; }
.scale .lines { position: absolute; inset: 0 var(--room) 0 0; }
.scale .lines span { position: absolute; top: 0; bottom: 0; border-left: 1px solid var(--rule); }
.scale .lines .landmark { border-left: 1px dashed var(--quiet); }
.scale li { position: relative; padding: .2rem 0; }
/* The line of chance runs behind names, not through them. */
.scale .name { display: table; position: relative; background: var(--page); padding: 0 .3rem 0 .2rem; margin-left: 2px; max-width: calc(100% - 4px); }
.scale .name .value { color: var(--quiet); }
.scale .track { display: block; position: relative; height: 1.15rem; margin-right: var(--room); }
.scale .track > span { position: absolute; }
.scale .band { top: 0; bottom: 0; background: var(--rule); }
.scale .bar { top: .25rem; bottom: .25rem; min-width: 1px; }
.scale .stroke { top: .1rem; bottom: .1rem; width: 1px; opacity: .75; }
.scale .bar.bad, .scale .stroke.bad, .scale .change.bad { background: var(--bad); }
.scale .bar.good, .scale .stroke.good, .scale .change.good { background: var(--good); }
.scale .bar.usual, .scale .stroke.usual { background: var(--accent); }
.scale .change { top: 50%; height: 2px; margin-top: -1px; }
.scale .dot { top: 50%; width: .7rem; height: .7rem; margin: -.35rem 0 0 -.35rem; border-radius: 50%; background: currentColor; border: 2px solid var(--page); }
.scale .dot.bad { background: var(--bad); } .scale .dot.good { background: var(--good); }
.scale .ring { top: 50%; width: .7rem; height: .7rem; margin: -.35rem 0 0 -.35rem; border-radius: 50%; background: var(--page); border: 2px solid var(--quiet); }
.scale .track .value { top: 0; line-height: 1.15rem; padding-left: .35rem; font-size: .8rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
.histograms { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); gap: 1.5rem; }
.histograms li { display: flex; flex-direction: column; }
.histograms .name { margin: 0 0 .3rem; }
.histograms .size { white-space: nowrap; color: var(--quiet); }
.histograms svg { height: 7rem; margin-top: auto; border-bottom: 1px solid var(--quiet); }
.histograms .bars { fill: var(--accent); fill-opacity: .75; }
.histograms .curve { fill: none; stroke: currentColor; stroke-width: 1.3px; vector-effect: non-scaling-stroke; }
.histograms .degrees { display: flex; justify-content: space-between; font-size: .75rem; color: var(--quiet); }
figure svg.heat { max-width: 44rem; }
footer { margin-top: 3rem; color: var(--quiet); font-size: .9rem; border-top: 1px solid var(--rule); }
@media (max-width: 640px) {
  main { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.6rem; }
  .scale { --room: 3.75rem; }
  tbody th { min-width: 9rem; max-width: 12rem; }
}
</style>
</head>
<body>
<main>
<h1>${t}</h1>
${y(e)}
</main>
<script>
document.addEventListener("click", ({ target }) => {
  const head = target.closest("table.sortable thead th");
  if (head === null) return;
  const table = head.closest("table");
  const heads = [...head.parentElement.cells];
  const column = heads.indexOf(head);
  const down = head.getAttribute("aria-sort") !== "descending";
  heads.forEach((other) => other.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const value = (row) => { const { sort } = row.cells[column].dataset; return sort === undefined ? row.cells[column].textContent : Number(sort); };
  const order = (a, b) => typeof a === "string" ? b.localeCompare(a) : b - a;
  const rows = [...table.tBodies[0].rows].sort((a, b) => order(value(a), value(b)) * (down ? 1 : -1));
  table.tBodies[0].append(...rows);
});
<\/script>
</body>
</html>
`}function y({headline:e,sections:t,footer:n}){let r=t.map(({heading:e,blocks:t})=>`<section>\n<h2>${_(e)}</h2>\n${t.join(`
`)}\n</section>`);return`<div class="headline">${e.map(e=>`<p>${_(e)}</p>`).join(`
`)}</div>
${r.join(`
`)}
<footer>${n.map(e=>`<p>${_(e)}</p>`).join(`
`)}</footer>`}function b(e,t){return`<details><summary>${_(e)}</summary>\n${t}</details>`}const x=(...e)=>w(e,!0),S=(...e)=>w(e,!1),C=e=>typeof e==`string`?e:e.text;function w([e,t,n],r){let i=t.map((e,t)=>n[0]?.[t]?.sort===void 0),a=(e,n=!1)=>{let r=[...n||i[e]?[`text`]:[],...n?[`wide`]:[],...typeof t[e]==`string`?[]:[`more`]];return r.length>0?` class="${r.join(` `)}"`:``},o=t.map((e,t)=>{let n=_(C(e));return`<th scope="col"${a(t)}>${r?`<button type="button">${n}</button>`:n}</th>`}).join(``),s=({text:e,sort:t,wide:n,below:r},i)=>{let o=t===void 0?``:` data-sort="${Number.isFinite(t)?t:-1e300}"`,s=r===void 0?``:` <small>${_(r)}</small>`;return i===0?`<th scope="row"${o}>${_(e).replaceAll(`/`,`/<wbr>`)}${s}</th>`:`<td${a(i,n)}${o}>${_(e)}</td>`},c=n.map(e=>`<tr>${e.map(s).join(``)}</tr>`).join(`
`),l=_(e),u=`<p class="caption" aria-hidden="true">${l}</p><div class="scroll" tabindex="0" role="region" aria-label="${l}"><table${r?` class="sortable"`:``} aria-label="${l}">
<thead><tr>${o}</tr></thead>
<tbody>
${c}
</tbody></table></div>`,d=t.filter(e=>typeof e!=`string`).length;return d===0?u:`<div class="numbers"><label class="all-columns"><input type="checkbox"> ${d} more columns</label>\n${u}</div>`}const te=()=>b(`What the columns are`,S(`As the documentation has them, and the JSON Schema of a report.`,[`column`,`what it is`],ee.map(({head:e,says:t})=>[{text:e},{text:t,wide:!0}])));function T(t){let[n=``,r=``]=t.split(/[\\/]/).map(e).reverse(),i=n.replace(/\.\w+$/,``).replace(/[-_](model-)?weights_manifest$/,``);return/^(model|weights|weights_manifest)$/.test(i)&&r!==``?r:i}function E(e){let t=new Set(e.map(({file:e})=>e)).size>1,n=new Set;return new Map(e.map(e=>{let r=`${t?`${T(e.file)}: `:``}${O(h(e),D)}`,i=r;for(let e=2;n.has(i);e++)i=`${r} (${e})`;return n.add(i),[e,i]}))}const D=160,O=(e,t)=>e.length<=t?e:`…${e.slice(1-t)}`,k=e=>Number(e.toFixed(1));function A(e,t){let n=[0,45,90,135,180].map(e=>`<span>${e}°</span>`).join(``);return`<figure><ol class="histograms" aria-label="Angles between neurons of the worst layers">
${e.map(e=>{let r=_(t.get(e)),{bars:i,curve:a}=j(e);return`<li><p class="name"><strong>${r}</strong> <span class="size">${e.count}×${e.dim}</span></p>
<svg viewBox="0 0 180 60" preserveAspectRatio="none" role="img" aria-label="Histogram of the angles between neurons of ${r}"><path class="bars" d="${i}"/><path class="curve" d="${a}"/></svg>
<div class="degrees" aria-hidden="true">${n}</div></li>`}).join(`
`)}
</ol>
<figcaption>Share of pairs by angle, as square roots, so that rare near pairs stay visible; the line is that of uniformly random directions. Mass at the left is neurons that repeat each other, at the right opposite ones.</figcaption></figure>`}function j({dim:e,angles:t}){let n=M(e),r=Math.max(...n.map(({value:e})=>e),...t)||1,i=e=>k(59-58*Math.sqrt(e/r)),a=t.flatMap((e,t)=>e>0?[`M${k(t*2)} 60V${i(e)}h${k(2)}V60z`]:[]),o=n.map(({angle:e,value:t},n)=>`${n===0?`M`:`L`}${k(e)} ${i(t)}`);return{bars:a.join(``),curve:o.join(``)}}function M(e){let t=Array.from({length:90},(e,t)=>(t+.5)*2),n=t.map(t=>Math.sin(t*Math.PI/180)**(e-2)),r=n.reduce((e,t)=>e+t,0);return t.map((e,t)=>({angle:e,value:n[t]/r}))}function N({heatMap:t,layer:n,count:r}){let{size:i,cosines:a}=t,o=new Map;a.forEach((e,t)=>{let n=Math.round(Math.max(-1,Math.min(1,e))*24),r=o.get(n)??[];r.push(`M${t%i} ${Math.floor(t/i)}h1v1h-1z`),o.set(n,r)});let s=[...o].map(([e,t])=>`<path fill="${ne(e/24)}" d="${t.join(``)}"/>`);return`<figure><svg class="heat" viewBox="0 0 ${i} ${i}" shape-rendering="crispEdges" role="img" aria-label="Cosines between neurons of ${_(e(n))}">${s.join(``)}</svg>
<figcaption>Cosines between ${i===r?`all`:`${i} of ${r}`} neurons, similar ones side by side: red is 1, white 0, blue −1. Red blocks along the diagonal are groups of neurons that repeat each other.</figcaption></figure>`}function ne(e){return`#${(e<0?[59,111,182]:[194,64,42]).map(t=>Math.round(242+(t-242)*Math.abs(e))).map(e=>e.toString(16).padStart(2,`0`)).join(``)}`}function P(e){let t=Math.max(1.5,...e),n=Math.min(0,...e),r=t>4,i=e=>r?Math.sign(e)*Math.log1p(Math.abs(e)):e,[a,o]=[i(n),i(t)],s=Array.from({length:Math.ceil(Math.log10(t))},(e,t)=>10**(t+1));return{position:e=>100*(i(Math.min(t,Math.max(n,e)))-a)/(o-a),ticks:(r?[0,1,3,...s]:[0,1,2,3,4]).filter(e=>e<=t),logarithmic:r}}const F=e=>`${Number(e.toFixed(2))}%`,I=({position:e},t)=>`style="left:${F(e(t))}"`;function L({position:e},t,n){let[r,i]=[e(Math.min(t,n)),e(Math.max(t,n))];return`style="left:${F(r)};width:${F(i-r)}"`}function R(e,t,n,r){let i=n.ticks.map(e=>`<span class="${e<=1?`landmark`:`grid`}" ${I(n,e)}></span>`),a=n.ticks.map(e=>`<span ${I(n,e)}>${e}</span>`),o=r.map(({name:e,marks:t,value:r,valueAt:i})=>{let a=`<span class="value"${i===void 0?``:` ${I(n,i)}`}>${_(r)}</span>`,[o,s]=i===void 0?[` ${a}`,``]:[``,a];return`<li><span class="name">${_(e)}${o}</span><span class="track">${t}${s}</span></li>`});return`<figure class="scale">
<div class="ticks" aria-hidden="true"><div class="places"><span ${I(n,0)}>best</span></div><div class="places"><span ${I(n,1)}>random</span></div><div class="places">${a.join(``)}</div></div>
<div class="rows"><div class="lines" aria-hidden="true">${i.join(``)}</div>
<ol aria-label="${_(e)}">
${o.join(`
`)}
</ol></div>
<figcaption>${_(t)}</figcaption></figure>`}function z(e){let[t,n]=[o(e),a(e)];return t>1+2*n?`bad`:t<1-2*n?`good`:`usual`}const B=({logarithmic:e})=>e?` Beyond 1 the scale is logarithmic.`:``;function V(e,n){let r=e.slice(0,60),i=P(r.map(e=>o(e)));return R(`Scores of layers, worst first`,`0: the best possible; 1: uniformly random directions, the grey band two standard deviations of what such layers score; right of it: redundant.${B(i)}${r.length<e.length?` The 60 worst layers; the table has all.`:``}`,i,r.map(e=>{let[r,s]=[o(e),a(e)],c=`<span class="band" ${L(i,1-2*s,1+2*s)}></span>`,l=`<span class="bar ${z(e)}" ${L(i,0,r)}></span>`,u=t(r,2);return{name:n.get(e),marks:c+l,value:u,valueAt:Math.max(0,r)}}))}function H(e){let r=P(e.map(e=>o(e))),i=[...new Set(e.map(({file:e})=>e))].map(t=>{let n=e.filter(e=>e.file===t);return{name:T(t),median:o(n[Math.floor(n.length/2)]),layers:n}});return i.sort((e,t)=>t.median-e.median),R(`Models by the median score of their layers, worst first`,`A stroke for each layer, a dot at the median of a model: red above what random layers score, green below, blue in between.${B(r)}`,r,i.map(({name:e,median:i,layers:a})=>({name:e,marks:`${a.map(e=>`<span class="stroke ${z(e)}" ${I(r,o(e))}></span>`).join(``)}<span class="dot" ${I(r,i)}></span>`,value:`median ${t(i,2)} of ${n(a.length,`layer`)}`})))}const U=e=>v(W(e));function W(e){let{settings:t}=e,n=e.layers.filter(e=>o(e)!==null),r=n[0],i=[...new Set(e.layers.map(({file:e})=>e))],a=i.length>1,s=E(e.layers),c=[...e.failed.flatMap(({rest:e})=>e?[e]:[]),...e.layers].filter(({findings:e})=>e.length>0),l=r===void 0?[]:[...a?[{heading:`Where each model stands`,blocks:[H(n)]}]:[],{heading:`Where each layer stands`,blocks:[V(n,s)]},{heading:`Angles between neurons`,blocks:[A(n.slice(0,12),s)]},...r.heatMap?[{heading:`Cosines in ${s.get(r)}`,blocks:[N(r)]}]:[]];return{title:`Redundancy of ${a?`${i.length} models`:G(i[0]??`nothing`)}`,headline:K(e,i),sections:[...c.length>0?[{heading:`What stands out`,blocks:[q(c,a)]}]:[],...l,{heading:`All numbers`,blocks:[J(e.layers,a),te()]},...e.failed.length+e.skipped.length>0?[{heading:`Left out`,blocks:X(e,a)}]:[]],footer:[`Energy: ${JSON.stringify(t.spec.potential)}, ${t.spec.space} space, separation floor ${t.spec.separationFloor}, seed ${t.seed}. Projected energy: ${t.projected?JSON.stringify(t.projected.projection):`none`}.`,`Score: 0 is the least energy possible (or a proven bound of it), 1 what uniformly random directions have on average. Made by comhe audit.`]}}const G=t=>e(t.split(/[\\/]/).at(-1));function K({verdicts:t,notes:r},i){let a=r.map(({file:t,note:n})=>`Note${i.length>1?` on ${T(t)}`:``}: ${e(n)}.`);if(t.length===1)return[...t[0].lines,...a];let o=t.filter(e=>e.sound).length,s=t.filter(e=>!e.sound);return[`${o} of ${n(t.length,`model`)} have nothing that stands out.`,...s.map(({file:e,lines:t})=>`${i.length>1?`${T(e)}: `:``}${t[0]}`),...a]}function q(t,n){return S(`By the rules of the documentation. Rows are counted from 0.`,[`layer`,`rules`,`in words`],t.map(t=>[{text:h(t),below:n?T(t.file):void 0},{text:t.findings.map(({rule:e})=>e).join(`, `)},{text:e(s(t)),wide:!0}]))}function J(n,r){let i=(e,n=4)=>({text:t(e,n),sort:e??NaN}),s=(e,t,n)=>{let{text:r,sort:a}=i(e[t],n);return{text:e.lowerBounds.includes(t)?`≥ ${r}`:r,sort:a}},c=[[`layer`,e=>({text:h(e),below:r?T(e.file):void 0})],[`N`,({count:e})=>i(e,0)],[`d`,({dim:e})=>i(e,0)],[`score`,e=>i(o(e),2)],[`dead`,e=>s(e,`dead`,0)],[`faint`,e=>s(e,`faint`,0)],[`dup.`,e=>s(e,`duplicates`,0)],[`|cos| max`,e=>s(e,`maxCosine`,3)],[`nearest pair`,({nearest:[e],maxCosine:t,lowerBounds:n})=>({text:e?`${e.a} ~ ${e.b}${n.includes(`nearest`)?` (seen)`:``}`:`–`,sort:t})],[`rank`,({effectiveRank:e})=>i(e,1)],[Y(`± random`),e=>i(a(e),3)],[Y(`|cos| mean`),({meanCosine:e})=>i(e,3)],[Y(`w/o mean`),({centredCosine:e})=>i(e,3)],[Y(`isotropy`),({isotropy:e})=>i(e,3)],[Y(`stable rank`),({stableRank:e})=>i(e,1)],[Y(`top share`),({energyShares:[e]})=>({text:e?`row ${e.row}: ${t(100*e.share,1)} %`:`–`,sort:e?.share??NaN})],[Y(`with dead`),({score:e})=>i(e,2)],[Y(`w/o copies`),({distinctScore:e})=>i(e,2)],[Y(`energy full`),({energyFull:e})=>i(e)],[Y(`half`),({energyHalf:e})=>i(e)],[Y(`projected`),({projected:e})=>i(e)],[Y(`best`),({bestIs:e,best:n})=>({text:`${e===`bound`?`≥ `:``}${t(n)}`,sort:n??NaN})],[Y(`random`),({random:e})=>i(e)],[Y(`kind`),({kind:t})=>({text:e(t)})],[Y(`neuron axis`),({neuronAxes:e})=>({text:e.join(`, `),sort:e[0]})]];return x(`Worst first by the score of the living neurons; a click on a heading sorts. ≥ at best: a proven bound; elsewhere: not all pairs, or not all rows, were looked at.`,c.map(([e])=>e),n.map(e=>c.map(([,t])=>t(e))))}const Y=e=>({text:e,more:!0});function X({failed:t,skipped:r},i){let a=(t,n)=>x(t,[`tensor`,...i?[`model`]:[],`reason`,`shape`],n.map(({name:t,file:n,reason:r,shape:a})=>[{text:e(t)},...i?[{text:T(n)}]:[],{text:e(r)},{text:a}])),o=t.map(({layer:e,file:t,problem:n})=>({name:e??`the whole file`,file:t,reason:n,shape:``})),s=r.map(e=>({...e,shape:e.shape.join(`×`)}));return[...o.length>0?[a(`Layers that couldn't be audited`,o)]:[],...s.length>0?[b(`${n(s.length,`tensor`)} without neurons`,a(`Tensors without neurons`,s))]:[]]}function re(e,t,n,r){return v(Z(e,t,n,r))}function Z({matched:n,lines:r},i,a,s){let c=n.filter(e=>o(e.before)!==null&&o(e.after)!==null),l=P(c.flatMap(e=>[o(e.before),o(e.after)])),u=c.map(n=>{let[r,i]=[o(n.before),o(n.after)],a=i>r?`bad`:`good`;return{name:e(n.before.layer),value:`${t(r,2)} → ${t(i,2)}`,marks:`<span class="change ${a}" ${L(l,r,i)}></span><span class="ring" ${I(l,r)}></span><span class="dot ${a}" ${I(l,i)}></span>`}}),d=l.logarithmic?` Beyond 1 the scale is logarithmic.`:``;return{title:`From ${e(i)} to ${e(a)}`,headline:r,sections:[{heading:`Score of each layer`,blocks:[R(`Scores of layers before and after`,`Ring: before. Dot: after, red where it is higher, green where it is lower. 0 is the best possible, 1 uniformly random.${d}`,l,u)]},{heading:`All numbers`,blocks:[x(`Matched layers`,[`layer`,`matched by`,`score before`,`after`,`half-space energy before`,`after`,`duplicates before`,`after`],n.map(({before:n,after:r,by:i})=>[{text:e(n.layer)},{text:i},{text:t(o(n),2),sort:o(n)??NaN},{text:t(o(r),2),sort:o(r)??NaN},{text:t(n.energyHalf),sort:n.energyHalf},{text:t(r.energyHalf),sort:r.energyHalf},{text:String(n.duplicates),sort:n.duplicates},{text:String(r.duplicates),sort:r.duplicates}]))]}],footer:[`Energy: ${JSON.stringify(s.spec.potential)}, ${s.spec.space} space. Made by comhe compare.`]}}function ie(e,t){let n=[...new Set([...e.layers,...e.failed,...e.skipped].map(({file:e})=>e))],a=i(`div`),o=()=>U(e),s=e=>{a.innerHTML=`<h2 tabindex="-1"></h2>${y(e)}`,a.querySelector(`h2`).textContent=e.title},c=()=>{o=()=>U(e),s(W(e))},u=(t,n)=>{let r=t=>({layers:e.layers.filter(e=>e.file===t)}),i=l(r(t),r(n)),a=[t,n].map(e=>e.split(`/`).at(-1));o=()=>re(i,...a,e.settings),s(Z(i,...a,e.settings))},d=(e,t)=>i(`button`,{type:`button`,click:t},e),[f,p]=n,m=n.length===2?[d(`Compare: ${Q(f)} → ${Q(p)}`,()=>u(f,p)),d(`Compare: ${Q(p)} → ${Q(f)}`,()=>u(p,f)),d(`Both audits`,c)]:[];return c(),i(`section`,{id:`report`,"aria-label":`Report`},...e.interrupted?[i(`p`,{class:`problem`},`It was cancelled: layers that weren't reached are missing.`)]:[],i(`div`,{class:`actions`},d(`Save as JSON`,()=>r(`${$(f)}.audit.json`,`application/json`,JSON.stringify(e))),d(`Save as a page`,()=>r(`${$(f)}.audit.html`,`text/html`,o())),...m),...t===void 0?[]:[i(`p`,{class:`note`},`Computed in ${ae(e)} by ${t}.`)],a)}const Q=e=>e.split(`/`).slice(-2).join(`/`),$=(e=`models`)=>e.split(`/`).at(-1).replace(/[^\w.-]+/g,`_`).slice(-80),ae=({milliseconds:e})=>`${(e/1e3).toFixed(1)} s`;export{ie as reportView};