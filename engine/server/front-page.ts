/** The page at `/` for a browser: which projects there are and where to look. No script, nothing from elsewhere. Pure. */
import type { ProjectStatus } from '../reconcile/status.ts';
import { type Html, html } from './html.ts';
import { chip, links, moodOfPhase, page } from './operator/page.ts';

export function frontPage(projects: readonly ProjectStatus[]): string {
  return page(
    'NovaStack',
    html`<h1>NovaStack</h1>
${projects.length === 0 ? html`<p>No project is served.</p>` : projects.map(section)}`,
  );
}

function section(status: ProjectStatus): Html {
  const { project, phase, lastAppliedRevision } = status;
  const stalled = status.conditions.find(({ type }) => type === 'Stalled');
  const trouble = stalled?.status === 'True' && html`<pre>${troubleOf(status, stalled.message)}</pre>`;
  if (project === null) return html`<article><h3>${status.source}</h3>\n${trouble}</article>\n`;
  return html`<article>
<header><h3>${project}</h3>${chip(phase, moodOfPhase(phase, lastAppliedRevision !== null))}</header>
<p class="row">${links(project)}<a href="/-/projects/${encodeURIComponent(project)}">Status</a></p>
<p><code>${lastAppliedRevision ?? 'not served yet'}</code></p>
${trouble}
</article>
`;
}

function troubleOf(status: ProjectStatus, message: string): string {
  const lines = status.diagnostics
    .filter((diagnostic) => diagnostic.severity === 'error')
    .map(({ code, message: said, source }) => {
      const at = source === undefined ? '' : `${source.file}:${source.span.start.line}: `;
      return `${at}${said} (${code})`;
    });
  return [message, ...lines].join('\n');
}
