/** `limits`: what one request may ask for. */
import type { Draft } from '../draft.ts';
import type { Path } from '../predicate.ts';
import type { GraphqlLimits, Limits, RoleLimits } from '../project.ts';
import { rate, sizeBytes } from '../quantity.ts';
import { choice, count, flag, list, named, object, optional, rateText, size, text } from '../shape.ts';

/** The engine holds a body in memory, so there is an end to it. */
const maxBodyBytes = 256 * 1_048_576;

/** A document has no more levels of brackets. */
const maxDepth = 100;

const Graphql = object(
  {
    depth: optional(
      count(
        'Levels of selections, through fragments. The documents by which clients read a schema are 15 deep. Default 30, or three times `limits.depth` and 5 where that is more.',
        1,
        maxDepth,
      ),
    ),
    aliases: optional(count('Fields with an alias, fragments expanded. Default 250.', 0, 10_000)),
    roots: optional(count('Root fields of one operation. Default 50.', 1, 1_000)),
    tokens: optional(count('Words, numbers, texts and signs of one document. Default 10000.', 1, 100_000)),
    directives: optional(count('Directives of one document. Default 200.', 0, 10_000)),
    fields: optional(count('Fields, fragments expanded. Default 2500.', 1, 50_000)),
    batch: optional(count('Operations in one body. Default 10.', 1, 100)),
  },
  'How large a GraphQL document may be. A larger one is refused before it is validated.',
);

const depth = count('Levels of embedded relationships. Default 8.', 1, 32);
const cost = count(
  'Most that one request may cost: the rows that it may touch, by limits and by what is known of the sizes of tables. Default 10000, or ten times `rows` where that is more.',
);

/** What a role may be given otherwise. */
export const roleLimits = object(
  { depth: optional(depth), cost: optional(cost), graphql: optional(Graphql) },
  'Limits of this role alone; what is not written is as under `limits:`. Roles that inherit this one keep their own.',
);

export const limits = object(
  {
    rows: optional(count('Most rows of a list, for every role. Default 1000.', 1, 1_000_000)),
    export: optional(count('Most rows of a stream (NDJSON, CSV). Default: none.')),
    body: optional(size('Largest body of a request. Default 1MB.')),
    depth: optional(depth),
    cost: optional(cost),
    graphql: optional(Graphql),
    rate: optional(
      named(
        rateText('Requests in a time: 60/min.'),
        'Most requests of one caller, by role: per key, else subject, else address.',
      ),
    ),
    numbers: optional(
      choice(
        ['number', 'string'],
        'How bigint and numeric are written in GraphQL and in types. Default number.',
      ),
    ),
    unfiltered_writes: optional(
      flag('Whether PATCH and DELETE without any filter are allowed. Default false.'),
    ),
    dry_run: optional(list(text('Name of a role.'), 'Roles that may use Prefer: tx=rollback.')),
  },
  'What one request may ask for.',
);

export function readLimits(draft: Draft): Limits {
  const { properties } = limits;
  const body = sizeBytes(draft.read(['limits', 'body'], properties.body) ?? '1MB');
  if (body > maxBodyBytes) {
    draft.error('WRONG_VALUE', ['limits', 'body'], 'The largest body is more than 256MB.', {
      hint: 'write 256MB or less',
    });
  }
  const rows = draft.read(['limits', 'rows'], properties.rows) ?? 1000;
  const levels = draft.read(['limits', 'depth'], properties.depth) ?? 8;
  const rates = draft.read(['limits', 'rate'], properties.rate) ?? {};
  return {
    rows,
    export: draft.read(['limits', 'export'], properties.export),
    body: Math.min(body, maxBodyBytes),
    depth: levels,
    // A list of as many rows as a list may have never costs too much.
    cost: draft.read(['limits', 'cost'], properties.cost) ?? Math.max(10_000, 10 * rows),
    graphql: wholeGraphql(readGraphql(draft, ['limits', 'graphql']), levels),
    rate: new Map(Object.entries(rates).map(([role, text]) => [role, rate(text)])),
    numbers: draft.read(['limits', 'numbers'], properties.numbers) ?? 'number',
    unfilteredWrites: draft.read(['limits', 'unfiltered_writes'], properties.unfiltered_writes) ?? false,
    dryRun: draft.read(['limits', 'dry_run'], properties.dry_run) ?? [],
  };
}

export function readRoleLimits(draft: Draft, path: Path): RoleLimits {
  const { properties } = roleLimits;
  return {
    depth: draft.read([...path, 'depth'], properties.depth),
    cost: draft.read([...path, 'cost'], properties.cost),
    graphql: readGraphql(draft, [...path, 'graphql']),
  };
}

/** Levels of selections that so many levels of relationships may take: a connection has three, itself, `edges` and `node`. */
export function selectionDepth(levels: number): number {
  return Math.min(maxDepth, 3 * levels + 5);
}

function wholeGraphql(written: RoleLimits['graphql'], levels: number): GraphqlLimits {
  return {
    depth: written.depth ?? Math.max(30, selectionDepth(levels)),
    aliases: written.aliases ?? 250,
    roots: written.roots ?? 50,
    tokens: written.tokens ?? 10_000,
    directives: written.directives ?? 200,
    fields: written.fields ?? 2_500,
    batch: written.batch ?? 10,
  };
}

function readGraphql(draft: Draft, path: Path): RoleLimits['graphql'] {
  const { properties } = Graphql;
  return {
    depth: draft.read([...path, 'depth'], properties.depth),
    aliases: draft.read([...path, 'aliases'], properties.aliases),
    roots: draft.read([...path, 'roots'], properties.roots),
    tokens: draft.read([...path, 'tokens'], properties.tokens),
    directives: draft.read([...path, 'directives'], properties.directives),
    fields: draft.read([...path, 'fields'], properties.fields),
    batch: draft.read([...path, 'batch'], properties.batch),
  };
}
