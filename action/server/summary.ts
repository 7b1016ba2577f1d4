/** What was deployed, and how databases have drifted, as Markdown for the summary of the job. Pure. */

import { markdownCode as code, markdownText as text } from '../../engine/index.ts';
import type { Deployed } from '../commands/deploy.ts';
import type { Drifted } from '../commands/drift.ts';
import { findingItem } from '../summary.ts';

/** Of one project; the log has all. */
const maxFindings = 100;
const icons = { succeeded: '✅', failed: '❌', asked: '⏳', 'not asked': '⏸️' } as const;

export function deploySummary(kind: 'sync' | 'rollback', all: readonly Deployed[], sha: string): string {
  const isBad = all.some(({ state }) => state === 'failed');
  const title = kind === 'sync' ? `deployment of ${code(sha.slice(0, 7))}` : 'rollback';
  const rows = all.map(({ project, state, operation, message }) => {
    const revision = operation?.revision ?? undefined;
    const served = revision === undefined ? '' : code(revision);
    return `| ${icons[state]} ${code(project)} | ${state} | ${served} | ${message.split('\n').map(text).join('<br>')} |`;
  });
  return [
    `### ${isBad ? '❌' : '✅'} NovaStack: ${title}`,
    '',
    '| project | | served now | |',
    '|---|---|---|---|',
    ...rows,
    ...all.flatMap(findings),
  ].join('\n');
}

function findings({ project, path, diagnostics }: Deployed): readonly string[] {
  if (diagnostics.length === 0) return [];
  const shown = diagnostics.slice(0, maxFindings).map((one) => findingItem(one, path));
  const rest = diagnostics.length - shown.length;
  return ['', `**${code(project)}**`, '', ...shown, ...(rest > 0 ? [`- … and ${rest} more in the log`] : [])];
}

export function driftSummary(all: readonly Drifted[]): string {
  const isBad = all.some(({ drift }) => drift.length > 0);
  const rows = all.flatMap(({ project, drift }) =>
    drift.length === 0
      ? [`| ✅ ${code(project)} | | none |`]
      : drift.map(
          (one) => `| ⚠️ ${code(project)} | ${one.class} | ${code(one.database)}: ${text(one.message)} |`,
        ),
  );
  return [
    `### ${isBad ? '⚠️' : '✅'} NovaStack: drift from the lock`,
    '',
    '| project | | difference |',
    '|---|---|---|',
    ...rows,
  ].join('\n');
}
