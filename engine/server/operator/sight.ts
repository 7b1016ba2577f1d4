/** What each caller sees of the projects: what is hidden from one answers as what is not there. */
import type { Right } from '../../../schema/server-config.ts';
import { type Caller, isUnlimited, reaches } from '../../auth/operator.ts';
import { Problem } from '../../problem/problem.ts';

/** Of one caller. */
export class Sight {
  readonly #caller: Caller;
  readonly #sourceOf: (project: string) => string | undefined;

  /** @param sourceOf the source that serves a name */
  constructor(caller: Caller, sourceOf: (project: string) => string | undefined) {
    this.#caller = caller;
    this.#sourceOf = sourceOf;
  }

  /** @param project null: it has not told its name yet */
  sees(project: string | null): boolean {
    return this.#grants(project).some(({ may }) => may.includes('read'));
  }

  /** Whether any grant is for it. */
  knows(project: string): boolean {
    return this.#grants(project).length > 0;
  }

  /** @throws {Problem} 404 what is hidden, as what is not there; 403 NS305 without the right */
  demand(right: Right, project: string): void {
    const grants = this.#grants(project);
    if (grants.length === 0) throw this.noProject(project);
    if (!grants.some(({ may }) => may.includes(right))) throw withoutRight(right);
  }

  /** For what tells of every project. @throws {Problem} 403 NS305 */
  demandAll(): void {
    if (!this.#caller.grants.some((grant) => isUnlimited(grant) && grant.may.includes('read')))
      throw new Problem('NS305', {
        message: 'This is for tokens that may read all projects.',
        hint: 'Ask with an operator\'s token that has no "projects".',
      });
  }

  /** @throws {Problem} 403 NS305: it may read nothing at all */
  demandAny(): void {
    if (!this.#caller.grants.some(({ may }) => may.includes('read'))) throw withoutRight('read');
  }

  noProject(project: string): Problem {
    const sources = this.#caller.grants.flatMap(({ source }) => (source === undefined ? [] : [source]));
    return new Problem('PGRST125', {
      message: `No project ${JSON.stringify(project)} is known here.`,
      hint:
        sources.length === 0
          ? '/-/status lists them.'
          : `If a commit has just added it, ask again in a moment; this token is for the projects of ${[...new Set(sources)].map((name) => `the source ${JSON.stringify(name)}`).join(' and ')}.`,
    });
  }

  #grants(project: string | null): Caller['grants'] {
    if (project === null) return this.#caller.grants.filter(isUnlimited);
    const source = this.#sourceOf(project);
    return this.#caller.grants.filter((grant) => reaches(grant, project, source));
  }
}

function withoutRight(right: Right): Problem {
  return new Problem('NS305', {
    message: `This token does not give the right "${right}".`,
    hint: 'Add it under "may" in server.yaml, or ask with another token.',
  });
}
