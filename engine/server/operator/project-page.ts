/** `/-/projects/<project>` for a browser: phase, conditions, findings, drift, databases, operations, history. Pure. */
import type { Diagnostic, Source } from '../../../schema/diagnostic.ts';
import type { Operation } from '../../reconcile/fleet.ts';
import type {
  Condition,
  DatabaseStatus,
  DriftStatus,
  GitStatus,
  HistoryEntry,
  ProjectStatus,
} from '../../reconcile/status.ts';
import { type Html, html } from '../html.ts';
import { commitUrl, lineUrl } from './forge.ts';
import { chip, links, type Mood, moodOfPhase, page, revisionOf, timeOf } from './page.ts';
import { count } from './status-page.ts';

/** @param operations newest first */
export function projectPage(status: ProjectStatus, operations: readonly Operation[]): string {
  const { project, phase, git, lastAppliedRevision } = status;
  const name = project ?? status.source;
  return page(
    `${name} · NovaStack`,
    html`<header><h1>${name}</h1>${chip(phase, moodOfPhase(phase, lastAppliedRevision !== null))}${git?.suspended === true && chip('suspended', 'warn')}</header>
${project !== null && html`<p class="row">${links(project)}</p>`}
${facts(status)}
${section('Conditions', status.conditions.map(condition))}
${section(
  'Findings of the last attempt',
  status.diagnostics.map((one) => finding(one, git)),
)}
${section('Drift', status.drift.map(drift))}
${section('Databases', status.databases.map(database))}
${section(
  'Operations',
  operations.map((one) => operation(one, git)),
)}
${section(
  'History',
  status.history.map((one) => historyEntry(one, git)),
)}`,
  );
}

function facts(status: ProjectStatus): Html {
  const { git } = status;
  return html`<dl>
<dt>Served</dt><dd>${revisionOf(status.lastAppliedRevision, git?.servedCommit ?? null, git)}</dd>
<dt>Last attempt</dt><dd>${status.lastAttemptedRevision !== null && revisionOf(status.lastAttemptedRevision, git?.commit ?? null, git)} <span class="soft">attempt ${status.observedGeneration}</span></dd>
${
  git === null
    ? html`<dt>Folder</dt><dd>${status.source}</dd>`
    : html`<dt>Source</dt><dd>${git.source}: ${withoutUser(git.url)}, ${git.ref}${git.path !== '' && html`, folder ${git.path}`}</dd>
<dt>Newest commit</dt><dd>${commitOf(git.commit, git)}</dd>`
}
${git?.pinned != null && html`<dt>Pinned</dt><dd><code>${git.pinned}</code> <span class="soft">until a newer commit changes the project</span></dd>`}
</dl>`;
}

/** Left out where there is nothing to tell. */
function section(title: string, items: readonly Html[]): Html {
  if (items.length === 0) return html``;
  return html`<h2>${title}</h2>\n<ul>${items}</ul>\n`;
}

function condition({ type, status, reason, message, lastTransitionTime }: Condition): Html {
  return html`<li><p class="row">${chip(`${type}: ${status}`, moodOfCondition(type, status))}<strong>${reason}</strong><span class="soft">since ${timeOf(lastTransitionTime)}</span></p>
${message !== '' && html`<p>${message}</p>`}</li>
`;
}

/** Good and bad are the other way round for conditions that nobody wants. */
function moodOfCondition(type: Condition['type'], status: Condition['status']): Mood {
  switch (type) {
    case 'Reconciling':
      return status === 'True' ? 'busy' : 'soft';
    case 'Stalled':
    case 'Drifted':
      return status === 'True' ? 'warn' : 'soft';
    default:
      return status === 'True' ? 'good' : 'bad';
  }
}

const moodOfSeverity = { error: 'bad', warning: 'warn', notice: 'soft' } as const;

function finding(
  { code, severity, message, hint, source, related }: Diagnostic,
  git: GitStatus | null,
): Html {
  return html`<li><p class="row">${chip(severity, moodOfSeverity[severity])}<code>${code}</code>${source !== undefined && placeOf(source, git)}</p>
<p>${message}</p>
${(related ?? []).map((other) => html`<p class="soft">${placeOf(other.source, git)} ${other.message}</p>`)}
${hint !== undefined && html`<p class="soft">hint: ${hint}</p>`}</li>
`;
}

function placeOf({ file, span }: Source, git: GitStatus | null): Html {
  const { line, column } = span.start;
  const place = html`<code>${file}:${line}:${column}</code>`;
  if (git === null || git.commit === null) return place;
  const url = lineUrl(git.url, git.commit, git.path === '' ? file : `${git.path}/${file}`, line);
  return url === undefined ? place : html`<a href="${url}" rel="noreferrer">${place}</a>`;
}

const moodOfDrift = { safe: 'soft', degrading: 'warn', breaking: 'bad' } as const;

function drift({ database, class: kind, relation, message }: DriftStatus): Html {
  return html`<li><p class="row">${chip(kind, moodOfDrift[kind])}<strong>${relation ?? database}</strong>${relation !== null && html`<span class="soft">${database}</span>`}</p>
<p>${message}</p></li>
`;
}

function database({ name, reachable, message, pendingMigrations }: DatabaseStatus): Html {
  const pending = pendingMigrations ?? 0;
  return html`<li><p class="row"><strong>${name}</strong>${chip(reachable ? 'reachable' : 'unreachable', reachable ? 'good' : 'bad')}${pending > 0 && chip(`${count(pending, 'migration')} pending`, 'warn')}</p>
${message !== null && html`<p>${message}</p>`}</li>
`;
}

const moodOfState = { running: 'busy', succeeded: 'good', failed: 'bad' } as const;

function operation(one: Operation, git: GitStatus | null): Html {
  return html`<li><p class="row"><strong>${one.kind}</strong>${chip(one.reason ?? one.state, moodOfState[one.state])}<span class="soft">${timeOf(one.createdAt)} by ${one.by}</span></p>
${one.message !== null && html`<p>${one.message}</p>`}
${one.target !== null && html`<p class="soft">asked for ${one.kind === 'sync' ? commitOf(one.target, git) : html`<code>${one.target}</code>`}</p>`}
${one.revision !== null && html`<p class="soft">served since <code>${one.revision}</code></p>`}
<p class="soft"><a href="/-/operations/${encodeURIComponent(one.id)}"><code>${one.id}</code></a></p></li>
`;
}

function historyEntry({ revision, commit, appliedAt }: HistoryEntry, git: GitStatus | null): Html {
  return html`<li><p>${revisionOf(revision, commit, git)}</p><p class="soft">${timeOf(appliedAt)}</p></li>\n`;
}

function commitOf(commit: string | null, git: GitStatus | null): Html {
  if (commit === null) return html`<span class="soft">none yet</span>`;
  const url = git === null ? undefined : commitUrl(git.url, commit);
  return url === undefined
    ? html`<code>${commit}</code>`
    : html`<a href="${url}" rel="noreferrer"><code>${commit}</code></a>`;
}

function withoutUser(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}
