/** One thing that a pull request does to the world: what every part of a plan finds, and every form of it shows. Data only. */
import type { Source } from '../../schema/diagnostic.ts';
import type { Path } from '../../schema/predicate.ts';
import type { Project } from '../../schema/project.ts';
import type { Api } from '../api/api.ts';
import type { Sentence } from './sentence.ts';

/**
 * `breaking`: requests that worked fail, or mean something else. `dangerous`: they work, and somebody may be surprised; or
 * somebody gains access. `safe`: nobody who calls today can notice.
 */
export type Level = 'breaking' | 'dangerous' | 'safe';

/** Part of the plan in which it is told. */
export type Section = 'api' | 'access' | 'database';

/** What it is of, by the names of the API (of the base where it is gone). */
export interface Subject {
  readonly table?: string;
  readonly column?: string;
  readonly relationship?: string;
  readonly function?: string;
  readonly argument?: string;
  readonly verb?: 'select' | 'insert' | 'update' | 'delete' | 'execute';
  readonly role?: string;
  readonly database?: string;
  /** Label of an enum, name of a limit. */
  readonly value?: string;
}

/** Where it comes from, before it is known in which file that is. */
export interface Place {
  /** In the head's YAML, the nearest first thing that is written there counts: `['tables', 'books', 'columns', 'isbn']`. */
  readonly path: Path;
  /** Default `key`. */
  readonly part?: 'key' | 'value';
  /** The fact of the database that is another one, where it is not the YAML that changed: a migration is looked for that names it. */
  readonly fact?: {
    readonly database: string;
    /** Key of the catalog: `public.books`. */
    readonly relation?: string;
    /** By its name in the database. */
    readonly column?: string;
    /** Key of the catalog. */
    readonly routine?: string;
  };
}

/** As the parts of a plan find it. */
export interface Finding {
  readonly section: Section;
  /** Stable, kebab-case; see the rules of each part. */
  readonly rule: string;
  readonly level: Level;
  /** Somebody has to accept it before it is merged: whatever is breaking, and what opens data to everybody or tells personal data. */
  readonly needsAcceptance: boolean;
  /** Of access: somebody gained it. */
  readonly gain?: boolean;
  /** Anonymous callers are among those whom it is of. */
  readonly anonymous?: boolean;
  /** A column tagged `personal` is among those that it is of. */
  readonly personal?: boolean;
  readonly sentence: Sentence;
  /** What to do about it, or instead; lower-case imperative without a final period. */
  readonly hint?: string;
  readonly subject: Subject;
  /** Whose requests it is of, in the order of the project; empty: everybody's. */
  readonly roles: readonly string[];
  /** What was and what is, where that is short: a type, a default, a limit, a condition. */
  readonly before?: string;
  readonly after?: string;
  /** `fingerprintOf` what it is: the same for as long as the same change is proposed, wherever the lines move. */
  readonly fingerprint: string;
  readonly place: Place;
}

/** A finding with its line. */
export interface Change extends Omit<Finding, 'place'> {
  /** In the head, relative to the project's folder; undefined: no line of the head is to do with it. */
  readonly source: Source | undefined;
  /** Who allowed it; undefined: nobody, or nobody needs to. */
  readonly accepted: Acceptance | undefined;
}

export interface Acceptance {
  /** `approvals.yaml`, or the label of the pull request. */
  readonly by: 'file' | 'label';
  /** The reason of the file, or who set the label. */
  readonly reason: string;
  /** The last day on which it counts, in UTC; undefined: until the label goes. */
  readonly expires: string | undefined;
}

/** A project as one of the two commits has it. */
export interface Side {
  readonly project: Project;
  readonly api: Api;
}
