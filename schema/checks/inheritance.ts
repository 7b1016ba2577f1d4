/** Inheritance has an end, and never leaves open which of two write grants a role has. */
import type { Draft } from '../draft.ts';
import type { Operand, Predicate } from '../predicate.ts';
import type { Project, TablePermission } from '../project.ts';
import { canonical } from './canonical.ts';

const writes = ['insert', 'update', 'delete'] as const;
type Write = (typeof writes)[number];

export function checkInheritance(draft: Draft, project: Project): void {
  const cyclic = checkCycles(draft, project);
  for (const table of project.tables.values()) {
    if (table.permissions.size < 2) continue;
    for (const verb of writes)
      new Inherited(draft, table.name, table.permissions, verb, project, cyclic).check();
  }
}

/** Reports each cycle once. @returns the roles that are on one, or lead to one */
function checkCycles(draft: Draft, project: Project): ReadonlySet<string> {
  const done = new Set<string>();
  const cyclic = new Set<string>();
  const visit = (name: string, trail: readonly string[]): boolean => {
    const at = trail.indexOf(name);
    if (at >= 0) {
      const circle = [...trail.slice(at), name];
      draft.error(
        'INHERITANCE_CYCLE',
        ['roles', trail.at(-1)!, 'inherits'],
        `The role "${name}" inherits itself: ${circle.join(' → ')}.`,
        {
          hint: 'remove one of them from "inherits"',
        },
      );
      return true;
    }
    if (done.has(name)) return cyclic.has(name);
    const parents = project.roles.get(name)?.inherits ?? [];
    const broken = parents.map((parent) => visit(parent, [...trail, name])).some(Boolean);
    done.add(name);
    if (broken) cyclic.add(name);
    return broken;
  };
  for (const name of project.roles.keys()) visit(name, []);
  return cyclic;
}

interface Entry {
  /** Two entries with the same text grant the same. */
  readonly text: string;
  readonly role: string;
}

/** Which entry of one table and verb each role ends up with. */
class Inherited {
  readonly #draft: Draft;
  readonly #table: string;
  readonly #permissions: ReadonlyMap<string, TablePermission>;
  readonly #verb: Write;
  readonly #project: Project;
  readonly #cyclic: ReadonlySet<string>;
  readonly #known = new Map<string, Entry | undefined>();

  constructor(
    draft: Draft,
    table: string,
    permissions: ReadonlyMap<string, TablePermission>,
    verb: Write,
    project: Project,
    cyclic: ReadonlySet<string>,
  ) {
    this.#draft = draft;
    this.#table = table;
    this.#permissions = permissions;
    this.#verb = verb;
    this.#project = project;
    this.#cyclic = cyclic;
  }

  check(): void {
    for (const role of this.#project.roles.keys()) if (!this.#cyclic.has(role)) this.#entryOf(role);
  }

  #entryOf(role: string): Entry | undefined {
    if (!this.#known.has(role)) this.#known.set(role, this.#own(role) ?? this.#inherited(role));
    return this.#known.get(role);
  }

  #own(role: string): Entry | undefined {
    const grant = this.#permissions.get(role)?.[this.#verb];
    return grant && { role, text: textOf(grant) };
  }

  #inherited(role: string): Entry | undefined {
    const declared = this.#project.roles.get(role);
    if (!declared || declared.everything) return undefined;
    const entries = declared.inherits
      .map((parent) => this.#entryOf(parent))
      .filter((entry) => entry !== undefined);
    const [first, ...others] = entries;
    const other = others.find((entry) => entry.text !== first!.text);
    if (!other) return first;
    const place = (owner: string) => ['tables', this.#table, 'permissions', owner, this.#verb];
    this.#draft.error(
      'AMBIGUOUS_GRANT',
      ['roles', role, 'inherits'],
      `The role "${role}" inherits two different "${this.#verb}" grants on the table "${this.#table}", and writes are never merged.`,
      {
        hint: `give "${role}" an entry of its own under permissions of "${this.#table}"`,
        related: [
          { message: `This is the one of "${first!.role}".`, path: place(first!.role) },
          { message: `This is the one of "${other.role}".`, path: place(other.role) },
        ],
      },
    );
    return undefined;
  }
}

function textOf(grant: NonNullable<TablePermission[Write]>): string {
  const { where, check, set, columns } = grant as {
    readonly where?: Predicate;
    readonly check?: Predicate;
    readonly set?: ReadonlyMap<string, Operand>;
    readonly columns?: '*' | readonly string[];
  };
  const names = typeof columns === 'string' ? columns : [...(columns ?? [])].sort();
  const presets = [...(set ?? [])]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([column, operand]) => [column, canonical(operand)]);
  return JSON.stringify([where && canonical(where), check && canonical(check), names, presets]);
}
