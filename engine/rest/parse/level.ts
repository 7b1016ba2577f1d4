/** One level of a request while it is being parsed: the fields of a table and what is asked of its rows. */

import type { AggregateFunction } from '../../api/aggregates.ts';
import type { JsonPath } from '../../api/condition.ts';
import { Problem } from '../../problem/problem.ts';
import type { FieldRequest, FilterRequest, HavingRequest } from '../../query/request.ts';

export interface Level {
  /** In the order of `select`; embeds stand among them and are built last. */
  readonly fields: (FieldRequest | Embed)[];
  /** By the key they have in the answer, which is how other parameters name them. */
  readonly embeds: Map<string, Embed>;
  readonly filters: FilterRequest[];
  readonly order: OrderDraft[];
  readonly having: HavingRequest[];
  /** Rows. */
  limit: number | undefined;
  /** Rows; becomes a slot, so that pages share one statement. */
  offset: number | undefined;
}

export interface Embed {
  readonly kind: 'draft';
  readonly as: string;
  readonly relationship: string;
  readonly hint: string | undefined;
  readonly join: 'left' | 'inner';
  /** Its fields become those of the level. */
  readonly spread: boolean;
  readonly level: Level;
}

/** `through` is the key of an embed of the same level; undefined for a column of the level itself. */
export interface OrderDraft {
  readonly through: string | undefined;
  /** Undefined: groups are ordered by the number of their rows. */
  readonly column: string | undefined;
  readonly path: JsonPath | undefined;
  readonly aggregate: AggregateFunction | undefined;
  readonly direction: 'asc' | 'desc';
  readonly nulls: 'first' | 'last' | undefined;
}

export function newLevel(): Level {
  return {
    fields: [],
    embeds: new Map(),
    filters: [],
    order: [],
    having: [],
    limit: undefined,
    offset: undefined,
  };
}

/**
 * The level that `path` leads to, through keys of embeds.
 *
 * @throws {Problem} PGRST108 (400) a step is not embedded
 */
export function levelAt(root: Level, path: readonly string[]): Level {
  let level = root;
  for (const step of path) {
    const embed = level.embeds.get(step) ?? embedOf(level, step);
    if (embed === undefined) throw notEmbedded(step);
    level = embed.level;
  }
  return level;
}

/** PostgREST also takes the relationship's own name where the embed has an alias. */
function embedOf(level: Level, relationship: string): Embed | undefined {
  for (const embed of level.embeds.values()) if (embed.relationship === relationship) return embed;
  return undefined;
}

export function notEmbedded(name: string): Problem {
  return new Problem('PGRST108', {
    message: `'${name}' is not an embedded resource in this request`,
    hint: `Verify that '${name}' is included in the 'select' query parameter.`,
  });
}
