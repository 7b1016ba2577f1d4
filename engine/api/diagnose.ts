/** Collects the findings of a build, each with its place in the YAML. */
import type { Diagnostic, Severity } from '../../schema/diagnostic.ts';
import type { Path } from '../../schema/predicate.ts';
import type { Project } from '../../schema/project.ts';

export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly path: Path;
  /** The place is the key rather than the value. */
  readonly part?: 'key' | 'value';
  readonly severity?: Severity;
  /** Other places that belong to it. */
  readonly related?: readonly { readonly message: string; readonly path: Path }[];
}

export class Findings {
  readonly diagnostics: Diagnostic[] = [];
  readonly #project: Project;

  constructor(project: Project) {
    this.#project = project;
  }

  add(finding: Finding): void {
    const source = this.#project.locate(finding.path, finding.part ?? 'value');
    this.diagnostics.push({
      code: finding.code,
      severity: finding.severity ?? 'error',
      message: finding.message,
      ...(finding.hint === undefined ? {} : { hint: finding.hint }),
      ...(source === undefined ? {} : { source }),
      ...this.#related(finding.related ?? []),
    });
  }

  #related(places: NonNullable<Finding['related']>): Pick<Diagnostic, 'related'> {
    const related = places.flatMap(({ message, path }) => {
      const source = this.#project.locate(path);
      return source === undefined ? [] : [{ message, source }];
    });
    return related.length === 0 ? {} : { related };
  }
}

/** `did you mean "title"?`, or what to do when nothing is near. */
export function didYouMean(near: string | undefined, otherwise?: string): string | undefined {
  return near === undefined ? otherwise : `did you mean "${near}"?`;
}

/** `a, b, c and 5 more`: enough to find one's way, and no more than can be read. */
export function listed(names: Iterable<string>, max = 12): string {
  const all = [...names];
  const shown = all.slice(0, max).join(', ');
  return all.length > max ? `${shown} and ${all.length - max} more` : shown;
}
