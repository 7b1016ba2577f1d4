/** What the operator's pages have in common: their frame and style, states as chips, revisions, times. Pure. */
import type { GitStatus } from '../../reconcile/status.ts';
import { type Html, html } from '../html.ts';
import { commitUrl } from './forge.ts';

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --line: light-dark(#d8dce2, #3a3f47);
  --soft: light-dark(#5b6470, #a3acb8); --card: light-dark(#f7f8fa, #1c1f24); --good: light-dark(#12703a, #6fd397);
  --busy: light-dark(#1a5fb4, #8ab8f5); --bad: light-dark(#b3261e, #ff9a91); --warn: light-dark(#8a5a00, #f0c060) }
body { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; background: light-dark(#fff, #131519) }
nav { font-size: .9rem; display: flex; gap: 1rem; flex-wrap: wrap }
h1 { font-size: 1.4rem; margin: 1rem 0 .3rem; overflow-wrap: anywhere } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere } p { margin: .3rem 0; overflow-wrap: anywhere } .soft { color: var(--soft) }
a { color: light-dark(#0b57d0, #8ab8f5) } code { font-size: .85em; overflow-wrap: anywhere }
article, li, pre { border: 1px solid var(--line); border-radius: 6px; background: var(--card) }
article { padding: .7rem .9rem; margin: .6rem 0 } ul { list-style: none; padding: 0; margin: 0 }
li { padding: .5rem .8rem; margin: .4rem 0 } li > p { white-space: pre-line }
pre { margin: .4rem 0 0; padding: .6rem .8rem; overflow: auto; font-size: .85rem; white-space: pre-wrap; overflow-wrap: anywhere }
header, .row { display: flex; gap: .3rem .8rem; flex-wrap: wrap; align-items: baseline }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .3rem 1rem; margin: .5rem 0 }
dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
.chip { font-size: .8rem; font-weight: 600; padding: .05rem .55rem; border-radius: 99px; border: 1px solid currentColor; white-space: nowrap }
.good { color: var(--good) } .busy { color: var(--busy) } .bad { color: var(--bad) } .warn { color: var(--warn) }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .4rem } }`;

export function page(title: string, body: Html): string {
  const { text } = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>STYLE</style></head>
<body>
<nav><a href="/">Projects</a><a href="/-/status">Status</a><a href="/-/metrics">Metrics</a><a href="/-/openapi.json">Operator's API</a></nav>
${body}
</body>
</html>
`;
  return text.replace('STYLE', style);
}

export type Mood = 'good' | 'busy' | 'bad' | 'warn' | 'soft';

export function chip(text: string, mood: Mood): Html {
  return html`<span class="chip ${mood}">${text}</span>`;
}

export function moodOfPhase(phase: string, isServed: boolean): Mood {
  if (phase === 'Ready') return 'good';
  if (phase === 'Failed') return isServed ? 'warn' : 'bad';
  return 'busy';
}

/** To what a project serves. */
export function links(project: string): Html {
  const base = `/${encodeURIComponent(project)}`;
  return html`<a href="${base}/docs/">Documentation</a><a href="${base}/graphql/v1">GraphiQL</a><a href="${base}/rest/v1/">REST</a><a href="${base}/openapi.json">OpenAPI</a>`;
}

/** With a link to its commit where the forge shows one. */
export function revisionOf(revision: string | null, commit: string | null, git: GitStatus | null): Html {
  if (revision === null) return html`<span class="soft">not served yet</span>`;
  const url = git === null || commit === null ? undefined : commitUrl(git.url, commit);
  if (url === undefined) return html`<code>${revision}</code>`;
  return html`<a href="${url}" rel="noreferrer"><code>${revision}</code></a>`;
}

/** To the second; a text that is no time stays as it is. */
export function timeOf(iso: string): Html {
  const shown = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)/.exec(iso);
  return html`<time datetime="${iso}">${shown === null ? iso : `${shown[1]} ${shown[2]} UTC`}</time>`;
}
