"""Style and script of the HTML viewer, and the security policy that permits only these two, by their hashes."""

import base64
import hashlib

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c1c1e; --quiet: #5d6068; --line: #d9dbe0; --ground: #eef0f3;
  --accent: #1759c4; --mark: #1759c41f; --edge: #1759c466; --warn: #8a4b00; --warn-ground: #fff4df;
  --low: #c2410c; --low-mark: #c2410c1f; }
@media (prefers-color-scheme: dark) { :root { --paper: #1d1f23; --ink: #e8e9ec; --quiet: #a3a7b0; --line: #363a41;
  --ground: #121316; --accent: #86b4ff; --warn: #ffcf8a; --warn-ground: #33270f; --low: #ff9d6b; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 4rem; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; z-index: 3; background: var(--paper); padding: .3rem .8rem; }
.bar { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center;
  padding: .55rem 1.25rem; background: var(--paper); border-bottom: 1px solid var(--line); }
.bar h1 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
.bar p { margin: 0; color: var(--quiet); font-size: .875rem; }
.paging { margin-left: auto; display: flex; gap: .4rem; align-items: center; font-size: .875rem; }
.paging[hidden] { display: none; }
.paging button { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line);
  border-radius: .4rem; padding: .15rem .7rem; cursor: pointer; }
.paging output { min-width: 7em; text-align: center; font-variant-numeric: tabular-nums; }
.page { margin: 1.25rem; }
.page > h2 { margin: 0; font-size: 1rem; display: inline; }
.origin { display: inline; margin: 0 0 0 .75rem; color: var(--quiet); font-size: .8125rem; }
.notes { margin: .6rem 0 0; padding: .5rem .9rem; list-style: none; color: var(--warn); background: var(--warn-ground);
  border-radius: .5rem; font-size: .875rem; }
.notes li::before { content: "\\26A0\\FE0E\\2002"; }
.sides { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1.25rem; margin-top: .6rem; }
.picture { position: sticky; top: 3.75rem; align-self: start; text-align: center; }
.sheet { position: relative; display: inline-block; max-width: 100%; line-height: 0; background: #fff;
  box-shadow: 0 1px 4px #0003, 0 0 0 1px var(--line); }
.sheet img { display: block; width: auto; height: auto; max-width: 100%; max-height: calc(100vh - 7rem); }
.sheet svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.box rect { fill: transparent; stroke: #1759c466; stroke-width: 1; vector-effect: non-scaling-stroke; }
.box.low rect { stroke: #c2410c; stroke-dasharray: 4 3; }
.box.on rect, .box:target rect { fill: #1759c42e; stroke: #1759c4; stroke-width: 2; }
.box.low.on rect, .box.low:target rect { fill: #c2410c2e; stroke: #c2410c; }
.differs rect { fill: #c8102e1a; stroke: #c8102e; stroke-width: 1.5; vector-effect: non-scaling-stroke;
  pointer-events: none; }
.words { background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 0;
  min-width: 0; }
.block { position: relative; min-height: 2.35rem; padding: .2rem 1.25rem .2rem 6.25rem;
  border-left: 3px solid transparent; }
.block.on, .block:target { background: var(--mark); border-left-color: var(--accent); }
.block.low { border-left-color: var(--low); }
.block.low.on, .block.low:target { background: var(--low-mark); }
.block > * { margin: 0; overflow-wrap: anywhere; }
.kind { position: absolute; left: .9rem; top: .45rem; width: 5rem; color: var(--quiet); font-size: .75rem;
  line-height: 1.3; }
a.kind { text-decoration: none; }
a.kind:hover, .block.on a.kind { color: var(--accent); text-decoration: underline; }
.doubt { display: block; color: var(--low); font-weight: 600; }
.block h3, .block h4, .block h5, .block h6 { line-height: 1.3; font-size: 1.0625rem; }
.block h3 { font-size: 1.375rem; }
.block h4 { font-size: 1.1875rem; }
.aside p { color: var(--quiet); font-size: .875rem; }
mark { color: inherit; background: #f5b80052; border-bottom: 2px solid #b07a00; border-radius: .15rem; }
mark.number, mark.invented { background: #c8102e33; border-bottom-color: #c8102e; }
.missing { margin: .5rem 1.25rem; padding: .4rem .9rem; border-left: 3px solid #c8102e; font-size: .875rem; }
.missing p, .missing ul { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
td, th { border: 1px solid var(--line); padding: .2rem .55rem; text-align: start; vertical-align: top; }
td, th { overflow-wrap: normal; }
th { background: var(--ground); }
pre { white-space: pre-wrap; font: .875rem/1.5 ui-monospace, monospace; }
.empty { color: var(--quiet); padding: 0 1.25rem; margin: 0; }
.end { padding: .5rem 1.25rem 2rem; color: var(--quiet); font-size: .875rem; }
.end ol { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem .8rem; padding: 0; margin: .3rem 0; }
@media (max-width: 50rem) { .sides { grid-template-columns: minmax(0, 1fr); } .picture { position: static; }
  .page { margin: 1rem .5rem; } .block { padding-left: 1rem; }
  .kind { position: static; width: auto; display: block; } }
@media print { .bar, .end { position: static; } .picture { position: static; } .page { break-after: page; } }
"""

SCRIPT = """
(() => {
  const pages = [...document.querySelectorAll('.page')];
  const paging = document.querySelector('.paging');
  const said = paging.querySelector('output');
  const current = () => {
    const above = pages.filter(page => page.getBoundingClientRect().top <= innerHeight / 3);
    return Math.max(0, above.length - 1);
  };
  const say = () => {
    said.textContent = `Page ${pages[current()].dataset.number} (${current() + 1} of ${pages.length})`;
  };
  const go = index => {
    const page = pages[Math.min(Math.max(index, 0), pages.length - 1)];
    page.scrollIntoView();
    page.focus({preventScroll: true});
  };
  const mark = (event, on) => {
    const place = event.target.closest && event.target.closest('[data-of]');
    if (!place) return;
    for (const part of document.querySelectorAll(`[data-of="${place.dataset.of}"]`)) part.classList.toggle('on', on);
  };
  for (const [name, on] of [['mouseover', true], ['mouseout', false], ['focusin', true], ['focusout', false]])
    document.addEventListener(name, event => mark(event, on));
  document.addEventListener('click', event => {
    const link = event.target.closest && event.target.closest('a[href^="#t-"], a[href^="#b-"]');
    if (!link) return;
    event.preventDefault();
    const place = document.getElementById(link.getAttribute('href').slice(1));
    place.scrollIntoView({block: 'nearest'});
    const focused = place.querySelector('a.kind');
    if (focused) focused.focus({preventScroll: true});
  });
  const moves = {
    ArrowLeft: () => go(current() - 1), ArrowRight: () => go(current() + 1),
    Home: () => go(0), End: () => go(pages.length - 1),
  };
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || !moves[event.key]) return;
    event.preventDefault();
    moves[event.key]();
  });
  if (!pages.length) return;
  const [back, on] = paging.querySelectorAll('button');
  back.addEventListener('click', moves.ArrowLeft);
  on.addEventListener('click', moves.ArrowRight);
  document.addEventListener('scroll', say, {passive: true});
  paging.hidden = false;
  say();
})();
"""


def _csp_hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


POLICY = (
    f"default-src 'none'; img-src data:; style-src {_csp_hash(STYLE)}; script-src {_csp_hash(SCRIPT)};"
    " base-uri 'none'; form-action 'none'"
)
"""Content security policy: nothing is loaded, and nothing runs but `SCRIPT`; pictures are `data:` addresses."""
