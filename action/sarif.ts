/** Findings of several projects as one SARIF log, with places from the workspace. Pure. */
import type { Diagnostic, Source } from '../schema/diagnostic.ts';
import { formatDiagnostics } from '../schema/format.ts';
import type { Checked } from './checked.ts';

export function sarif(checked: readonly Pick<Checked, 'path' | 'diagnostics'>[]): string {
  const all = checked.flatMap(({ path, diagnostics }) => diagnostics.map((one) => fromWorkspace(one, path)));
  return formatDiagnostics(all, 'sarif');
}

function fromWorkspace(diagnostic: Diagnostic, path: string): Diagnostic {
  const { source, related } = diagnostic;
  return {
    ...diagnostic,
    ...(source && { source: placed(source, path) }),
    ...(related && { related: related.map((one) => ({ ...one, source: placed(one.source, path) })) }),
  };
}

function placed(source: Source, path: string): Source {
  return path === '.' ? source : { ...source, file: `${path}/${source.file}` };
}
