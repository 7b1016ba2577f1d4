/** `limits`: what one request may ask for. */
import type { Draft } from '../draft.ts';
import type { Limits } from '../project.ts';
import { rate, sizeBytes } from '../quantity.ts';
import { choice, count, flag, list, named, object, optional, rateText, size, text } from '../shape.ts';

/** The engine holds a body in memory, so there is an end to it. */
const maxBodyBytes = 256 * 1_048_576;

export const limits = object(
  {
    rows: optional(count('Most rows of a list, for every role. Default 1000.', 1, 1_000_000)),
    export: optional(count('Most rows of a stream (NDJSON, CSV). Default: none.')),
    body: optional(size('Largest body of a request. Default 1MB.')),
    depth: optional(count('Levels of embedded relationships. Default 8.', 1, 32)),
    cost: optional(count('Most that one request may cost. Default 10000.')),
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
  const rates = draft.read(['limits', 'rate'], properties.rate) ?? {};
  return {
    rows: draft.read(['limits', 'rows'], properties.rows) ?? 1000,
    export: draft.read(['limits', 'export'], properties.export),
    body: Math.min(body, maxBodyBytes),
    depth: draft.read(['limits', 'depth'], properties.depth) ?? 8,
    cost: draft.read(['limits', 'cost'], properties.cost) ?? 10_000,
    rate: new Map(Object.entries(rates).map(([role, text]) => [role, rate(text)])),
    numbers: draft.read(['limits', 'numbers'], properties.numbers) ?? 'number',
    unfilteredWrites: draft.read(['limits', 'unfiltered_writes'], properties.unfiltered_writes) ?? false,
    dryRun: draft.read(['limits', 'dry_run'], properties.dry_run) ?? [],
  };
}
