/** JSON Schemas that several of the operator's routes share, beside those of a project and its status. */

const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'] } as const;

export const operationSchema = {
  $id: 'Operation',
  type: 'object',
  required: [
    'id', 'kind', 'project', 'by', 'state', 'reason', 'message', 'target', 'revision', 'previousRevision', 'createdAt', 'endedAt',
  ], // biome-ignore format: a list
  properties: {
    id: { ...text, format: 'uuid' },
    kind: { ...text, enum: ['sync', 'reconcile', 'rollback', 'suspend', 'resume', 'remove'] },
    project: text,
    by: { ...text, description: 'Who asked: `operator ops`, `github acme/apis@refs/heads/main`.' },
    state: { ...text, enum: ['running', 'succeeded', 'failed'] },
    reason: {
      ...textOrNull,
      description: 'Once it has ended: `Succeeded`, `BuildFailed`, `CommitNotFound`.',
    },
    message: textOrNull,
    target: { ...textOrNull, description: 'The commit, or the revision, that was asked for.' },
    revision: { ...textOrNull, description: 'What is served since it ended.' },
    previousRevision: { ...textOrNull, description: 'What was served before it.' },
    createdAt: { ...text, format: 'date-time' },
    endedAt: { ...textOrNull, format: 'date-time' },
  },
} as const;

export const projectParams = {
  type: 'object',
  properties: { project: { type: 'string', description: 'The name under which it is served.' } },
} as const;

const everywhere = {
  401: 'No token, or not one of this server.',
  403: 'The token does not give the right.',
  404: 'No such project, or none that this token may see.',
  429: 'Too many wrong tokens came from this address.',
  503: 'The token cannot be checked at the moment.',
};

/** The refusals of a route that needs a token, its own ones and those of all. */
export function errors(own: Readonly<Record<number, string>> = {}): Record<number, object> {
  const all: Readonly<Record<number, string>> = { ...everywhere, ...own };
  return Object.fromEntries(
    Object.entries(all).map(([status, description]) => [status, { description, $ref: 'Error#' }]),
  );
}
