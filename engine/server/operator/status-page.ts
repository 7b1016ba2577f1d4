/** `/-/status` for a browser: every project that the caller sees, and what is wrong with it. Pure. */
import type { ProjectStatus } from '../../reconcile/status.ts';
import { type Html, html } from '../html.ts';
import { chip, moodOfPhase, page, revisionOf } from './page.ts';

export interface StatusPage {
  readonly version: string;
  readonly mode: string;
  readonly projects: readonly ProjectStatus[];
}

export function statusPage({ version, mode, projects }: StatusPage): string {
  const served = projects.filter(({ lastAppliedRevision }) => lastAppliedRevision !== null).length;
  return page(
    'NovaStack: status',
    html`<h1>Status</h1>
<p class="soft">NovaStack ${version}, ${mode} · ${count(projects.length, 'project')}, ${served} served</p>
${projects.length === 0 && html`<p>No project is known here.</p>`}
${projects.map(summary)}`,
  );
}

function summary(status: ProjectStatus): Html {
  const { project, phase, lastAppliedRevision, databases, git } = status;
  const name =
    project === null
      ? html`${status.source}`
      : html`<a href="/-/projects/${encodeURIComponent(project)}">${project}</a>`;
  return html`<article>
<header><h3>${name}</h3>${chip(phase, moodOfPhase(phase, lastAppliedRevision !== null))}${git?.suspended === true && chip('suspended', 'warn')}</header>
<p>${revisionOf(lastAppliedRevision, git?.servedCommit ?? null, git)}</p>
${troublesOf(status).map((message) => html`<p class="warn">${message}</p>`)}
${databases.filter(({ reachable }) => !reachable).map(({ name, message }) => html`<p class="bad">Database ${name} is unreachable. ${message}</p>`)}
</article>
`;
}

/** What is true and should not be, once each. */
function troublesOf({ conditions }: ProjectStatus): readonly string[] {
  const worrying = conditions.filter(({ type, status }) => worries[type]?.includes(status) === true);
  return [...new Set(worrying.map(({ message }) => message).filter((message) => message !== ''))];
}

const worries: Readonly<Record<string, readonly string[]>> = {
  Ready: ['False'],
  Stalled: ['True'],
  Drifted: ['True'],
  SourceVerified: ['False'],
};

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
