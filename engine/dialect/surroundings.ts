/** What a script itself says about its statements: what it has made, which nobody else uses yet. Pure. */
import type { Reading, Step } from './step.ts';

/** Grows statement by statement. */
export class Made {
  /** By the last part of their names: which schema the others are in may be left out. */
  readonly #relations = new Map<string, Set<string>>();
  /** Types that are no domains. */
  readonly types = new Set<string>();

  /** The same steps: what they hold of relations that the script has made is nobody else's. */
  marks<Kind extends Step>(steps: readonly Kind[]): readonly Kind[] {
    return steps.map((step) => {
      if (step.held === undefined) return step;
      const held = step.held.map((one) => (this.#has(one.relation) ? { ...one, isNew: true } : one));
      return { ...step, held };
    });
  }

  learns({ relation, steps, makes }: Reading): void {
    for (const name of steps.flatMap(({ forgets }) => forgets ?? [])) this.#relations.delete(lastPart(name));
    if (typeof makes === 'object') this.types.add(makes.type);
    if (makes !== 'relation' || relation === undefined) return;
    const last = lastPart(relation);
    this.#relations.set(last, (this.#relations.get(last) ?? new Set()).add(relation));
  }

  /** A name may be another relation's from now on. */
  forgets(): void {
    this.#relations.clear();
    this.types.clear();
  }

  #has(relation: string | undefined): boolean {
    return relation !== undefined && this.#relations.get(lastPart(relation))?.has(relation) === true;
  }
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** A comment `-- novastack:no-transaction` before the first statement says otherwise. */
export function inTransaction(sql: string): boolean {
  for (let at = 0; at < sql.length; ) {
    const end = sql.indexOf('\n', at);
    const line = sql.slice(at, end < 0 ? sql.length : end).trim();
    if (line !== '' && !line.startsWith('--')) return true;
    if (/^--\s*novastack:\s*no-transaction(?:\s|$)/.test(line)) return false;
    at = end < 0 ? sql.length : end + 1;
  }
  return true;
}
