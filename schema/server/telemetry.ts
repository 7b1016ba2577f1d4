/** `telemetry` and `limits`: what the engine says, and how much of anything it takes. */
import type { Draft } from '../draft.ts';
import { sizeBytes } from '../quantity.ts';
import type { ServerLimits, TelemetryConfig } from '../server-config.ts';
import { choice, count, expecting, object, optional, size } from '../shape.ts';

export const telemetry = expecting(
  object(
    {
      log: optional(choice(['json', 'text'], 'How the log is written. Default json.')),
      level: optional(
        choice(['debug', 'info', 'warn', 'error'], 'The least that the log tells. Default info.'),
      ),
    },
    'The log.',
  ),
  'an object such as { log: json, level: info }',
);

const maxTreeBytes = 1_073_741_824;

export const limits = object(
  {
    projects: optional(count('Most projects that are served. Default 1000.', 1, 100_000)),
    pool: optional(count('Most connections of one pool, whatever a project asks for. Default 50.', 1, 1_000)),
    sockets: optional(count('WebSockets at a time. Default 10000.', 0, 1_000_000)),
    files: optional(count("Most files of one project's tree. Default 20000.", 1, 1_000_000)),
    bytes: optional(size("Largest size of one project's tree. Default 64MB.")),
  },
  'How much the engine takes, over all projects and of each.',
);

export function readTelemetry(draft: Draft): TelemetryConfig {
  const { log, level } = telemetry.properties;
  return {
    log: draft.read(['telemetry', 'log'], log) ?? 'json',
    level: draft.read(['telemetry', 'level'], level) ?? 'info',
  };
}

export function readServerLimits(draft: Draft): ServerLimits {
  const { projects, pool, sockets, files, bytes } = limits.properties;
  const tree = sizeBytes(draft.read(['limits', 'bytes'], bytes) ?? '64MB');
  if (tree > maxTreeBytes)
    draft.error('WRONG_VALUE', ['limits', 'bytes'], 'The largest size of a tree is more than 1GB.', {
      hint: 'write 1GB or less',
    });
  return {
    projects: draft.read(['limits', 'projects'], projects) ?? 1_000,
    pool: draft.read(['limits', 'pool'], pool) ?? 50,
    sockets: draft.read(['limits', 'sockets'], sockets) ?? 10_000,
    files: draft.read(['limits', 'files'], files) ?? 20_000,
    bytes: tree,
  };
}
