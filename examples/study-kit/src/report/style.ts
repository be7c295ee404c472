/** The report's style sheet: light and dark by the reader's preference, no fonts or images from elsewhere. */
export const STYLE = `
:root { color-scheme: light dark; --page: #fff; --text: #1c1f24; --quiet: #59606b; --rule: #d9dde3; --panel: #f5f7fa; --accent: #4269d0; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171c; --text: #e6e9ee; --quiet: #a0a8b4; --rule: #333a44; --panel: #1c2128; --accent: #8aa6f2; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 17px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.35rem; margin: 3rem 0 .5rem; }
p, li { max-width: 46rem; }
.headline { font-size: 1.15rem; padding: 1rem 1.25rem; background: var(--panel); border-left: 4px solid var(--accent); max-width: none; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; width: 100%; }
caption { text-align: left; color: var(--quiet); padding-bottom: .4rem; }
th, td { padding: .4rem .55rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; }
.dense { font-size: .8rem; }
.dense :is(th, td) { padding-inline: .35rem; }
.prose :is(th, td) { white-space: normal; text-align: left; }
thead th { color: var(--quiet); font-weight: 600; border-bottom-width: 2px; }
tbody th { font-weight: 600; }
figure { margin: 1.5rem 0; }
figure > .scroll svg { display: block; max-width: 100%; height: auto; min-width: 640px; color: var(--text); }
figcaption { color: var(--quiet); font-size: .95rem; max-width: 46rem; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; list-style: none; padding: 0; margin: .5rem 0; max-width: none; font-size: .95rem; }
.legend li { display: flex; align-items: center; gap: .45rem; }
.legend svg { width: .9rem; height: .9rem; flex: none; }
footer { margin-top: 3rem; color: var(--quiet); font-size: .9rem; border-top: 1px solid var(--rule); }
`;
