/** How pages of audits look, light and dark, on paper-wide screens and on phones. The page that audits in the browser takes it, too. */
export const style = `
:root { color-scheme: light dark; --page: #fff; --text: #1c1f24; --quiet: #59606b; --rule: #d9dde3; --panel: #f5f7fa; --accent: #4269d0; --bad: #c2402a; --good: #2f8f6f; --zone: #eef1f5; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171c; --text: #e6e9ee; --quiet: #a0a8b4; --rule: #333a44; --panel: #1c2128; --accent: #8aa6f2; --bad: #f08a72; --good: #6cc7a5; --zone: #20262e; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 17px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1, h2, p, li { overflow-wrap: anywhere; }
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
/* Those between stand in the middle of as much room as the angles have, so that each is below its own. */
.histograms .degrees span { flex: 2 0 0; text-align: center; }
.histograms .degrees span:first-child { flex: 1 0 0; text-align: left; white-space: nowrap; }
.histograms .degrees span:last-child { flex: 1 0 0; text-align: right; white-space: nowrap; }
figure svg.heat { max-width: 44rem; }
footer { margin-top: 3rem; color: var(--quiet); font-size: .9rem; border-top: 1px solid var(--rule); }
@media (max-width: 640px) {
  main { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.6rem; }
  .scale { --room: 3.75rem; }
  tbody th { min-width: 9rem; max-width: 12rem; }
  .told thead { position: absolute; clip-path: inset(50%); }
  .told :is(tbody, tr, tbody th, td) { display: block; }
  .told :is(tbody th, td) { max-width: none; border: 0; padding: .1rem 0; white-space: normal; }
  .told tr { padding: .5rem 0; border-bottom: 1px solid var(--rule); }
}
`;
