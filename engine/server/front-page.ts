/** The page at `/` for a browser: which projects there are and where to look. No script, nothing from elsewhere. */
import type { ProjectStatus } from '../reconcile/status.ts';

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem } h2 { font-size: 1.1rem; margin: 2rem 0 .3rem }
p { margin: .2rem 0 } code { font-size: .85em } a { margin-right: 1rem }
pre { overflow: auto; padding: .7rem; border: 1px solid; border-radius: 4px; font-size: .85rem }`;

export function frontPage(projects: readonly ProjectStatus[]): string {
  const body = projects.length === 0 ? '<p>No project is served.</p>' : projects.map(section).join('\n');
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>NovaStack</title><style>${style}</style></head>
<body>
<h1>NovaStack</h1>
${body}
<p style="margin-top:3rem"><a href="/-/status">Status</a><a href="/-/metrics">Metrics</a><a href="/-/openapi.json">Operator's API</a></p>
</body>
</html>
`;
}

function section(status: ProjectStatus): string {
  const stalled = status.conditions.find((condition) => condition.type === 'Stalled');
  const trouble =
    stalled?.status === 'True' ? `<pre>${escapeHtml(troubleOf(status, stalled.message))}</pre>` : '';
  if (status.project === null) return `<h2>${escapeHtml(status.source)}</h2>\n${trouble}`;
  const base = `/${encodeURIComponent(status.project)}`;
  const links = [
    ['Documentation', `${base}/docs/`],
    ['GraphiQL', `${base}/graphql/v1`],
    ['REST', `${base}/rest/v1/`],
    ['OpenAPI', `${base}/openapi.json`],
  ].map(([name, href]) => `<a href="${href}">${name}</a>`);
  const revision = status.lastAppliedRevision ?? 'not served yet';
  return `<h2>${escapeHtml(status.project)}</h2>\n<p>${links.join('')}</p>\n<p><code>${escapeHtml(revision)}</code></p>\n${trouble}`;
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

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}
