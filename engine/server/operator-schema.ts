/** JSON Schemas of the operator's answers. Fastify writes the answers by them, so what is not here is not sent. */

const text = { type: 'string' } as const;
const textOrNull = { type: ['string', 'null'] } as const;

const place = {
  file: { ...textOrNull, description: "Relative to the project's folder." },
  line: { type: ['integer', 'null'], minimum: 1 },
  column: { type: ['integer', 'null'], minimum: 1 },
} as const;

/** As `--format json` prints it. */
const diagnostic = {
  type: 'object',
  required: ['code', 'severity', 'message', 'hint', 'file', 'line', 'column', 'related'],
  properties: {
    code: text,
    severity: { ...text, enum: ['error', 'warning', 'notice'] },
    message: text,
    hint: textOrNull,
    ...place,
    related: {
      type: 'array',
      items: {
        type: 'object',
        required: ['message', 'file', 'line', 'column'],
        properties: { message: text, ...place },
      },
    },
  },
} as const;

const condition = {
  type: 'object',
  required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
  properties: {
    type: { ...text, enum: ['Ready', 'Reconciling', 'Stalled', 'SourceVerified', 'Drifted'] },
    status: { ...text, enum: ['True', 'False'] },
    reason: text,
    message: text,
    lastTransitionTime: { ...text, format: 'date-time' },
  },
} as const;

const database = {
  type: 'object',
  required: ['name', 'reachable', 'message', 'pendingMigrations'],
  properties: {
    name: text,
    reachable: { type: 'boolean' },
    message: textOrNull,
    pendingMigrations: { type: ['integer', 'null'] },
  },
} as const;

const git = {
  type: ['object', 'null'],
  description: 'Where it comes from; null for a folder that `dev` follows.',
  required: ['source', 'url', 'ref', 'path', 'commit', 'servedCommit', 'suspended', 'pinned'],
  properties: {
    source: { ...text, description: 'Its name in server.yaml.' },
    url: text,
    ref: text,
    path: { ...text, description: 'Of the project within the repository.' },
    commit: { ...textOrNull, description: 'The newest commit that was seen.' },
    servedCommit: { ...textOrNull, description: 'The commit that what is served was built from.' },
    suspended: { type: 'boolean' },
    pinned: {
      ...textOrNull,
      description: 'A revision that somebody went back to, until a newer commit changes the project.',
    },
  },
} as const;

const drift = {
  type: 'object',
  required: ['database', 'class', 'relation', 'message'],
  properties: {
    database: text,
    class: { ...text, enum: ['safe', 'degrading', 'breaking'] },
    relation: { ...textOrNull, description: 'Null: the database as a whole.' },
    message: text,
  },
} as const;

export const projectSchema = {
  $id: 'Project',
  type: 'object',
  required: [
    'project', 'source', 'git', 'drift', 'phase', 'conditions', 'lastAttemptedRevision', 'lastAppliedRevision',
    'observedGeneration', 'diagnostics', 'databases', 'history',
  ], // biome-ignore format: a list
  properties: {
    project: { ...textOrNull, description: 'The slug; null until the folder has told it.' },
    source: { ...text, description: 'The folder; with Git `<source>:<path>`.' },
    git,
    drift: { type: 'array', description: 'Differences between the lock and the databases.', items: drift },
    phase: text,
    conditions: { type: 'array', items: condition },
    lastAttemptedRevision: textOrNull,
    lastAppliedRevision: { ...textOrNull, description: 'What is served.' },
    observedGeneration: { type: 'integer', description: 'Counts the attempts.' },
    diagnostics: { type: 'array', description: 'Of the last attempt.', items: diagnostic },
    databases: { type: 'array', items: database },
    history: {
      type: 'array',
      description: 'Newest first.',
      items: {
        type: 'object',
        required: ['revision', 'commit', 'appliedAt'],
        properties: { revision: text, commit: textOrNull, appliedAt: { ...text, format: 'date-time' } },
      },
    },
  },
} as const;

export const statusSchema = {
  type: 'object',
  required: ['version', 'mode', 'ready', 'projects'],
  properties: {
    version: text,
    mode: { ...text, enum: ['dev', 'serve'] },
    ready: { type: 'boolean' },
    projects: { type: 'array', items: { $ref: 'Project#' } },
  },
} as const;

export const errorSchema = {
  $id: 'Error',
  type: 'object',
  required: ['code', 'message', 'details', 'hint'],
  properties: {
    code: text,
    message: text,
    details: {
      type: ['string', 'array', 'null'],
      description: 'Where several things are wrong, each of them.',
      items: { type: 'object', additionalProperties: text },
    },
    hint: textOrNull,
  },
} as const;
