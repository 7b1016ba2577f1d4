/** `validate`: every project checked, with nothing to compare with. */
import { validateProject } from '../../engine/index.ts';
import { formatDiagnostics } from '../../schema/format.ts';
import { annotations } from '../annotations.ts';
import { type Checked, count } from '../checked.ts';
import { writeNamedFile } from '../files.ts';
import type { Inputs } from '../inputs.ts';
import { foldersNow, noProject, noSuchFolder, placeOf } from '../place.ts';
import { sarif } from '../sarif.ts';
import type { Ended, Step } from '../step.ts';
import { summary } from '../summary.ts';

export async function validate(step: Step): Promise<Ended> {
  const { inputs, context, runner } = step;
  const checked = await checkProjects(step);
  for (const one of checked) runner.log(logged(one));
  if (inputs.annotations) runner.annotate(annotations(checked));
  if (inputs.sarifFile !== '') await writeNamedFile('sarif-file', inputs.sarifFile, sarif(checked), context);
  await runner.summary(summary(checked));
  return {
    result: fails(checked, inputs.failOn) ? 'failure' : 'success',
    outputs: {
      'error-count': String(count(checked, 'error')),
      'warning-count': String(count(checked, 'warning')),
      projects: JSON.stringify(checked.map(described)),
    },
  };
}

/** One after the other: each may start an embedded database. */
async function checkProjects({ inputs, context }: Step): Promise<readonly Checked[]> {
  const place = await placeOf(inputs, context.workspace);
  const folders = await foldersNow(place);
  const missing = place.named.find(({ path }) => !folders.has(path));
  if (missing !== undefined) throw noSuchFolder(missing.written);
  if (folders.size === 0) throw noProject(place);
  const checked: Checked[] = [];
  for (const [path, folder] of folders) {
    const { diagnostics, project } = await validateProject(folder);
    checked.push({ path, project: project?.name, diagnostics });
  }
  return checked;
}

function fails(checked: readonly Checked[], failOn: Inputs['failOn']): boolean {
  switch (failOn) {
    case 'never':
      return false;
    case 'invalid':
    case 'error':
      return count(checked, 'error') > 0;
    case 'warning':
      return count(checked, 'error') + count(checked, 'warning') > 0;
    default:
      return failOn satisfies never;
  }
}

function logged(checked: Checked): string {
  const [errors, warnings] = [count([checked], 'error'), count([checked], 'warning')];
  const head = `${checked.project ?? 'unnamed'} (${JSON.stringify(checked.path)}): ${errors} errors, ${warnings} warnings`;
  return [head, formatDiagnostics(checked.diagnostics, 'text')].filter((part) => part !== '').join('\n');
}

function described(checked: Checked) {
  const { path, project = null } = checked;
  return { path, project, errors: count([checked], 'error'), warnings: count([checked], 'warning') };
}
