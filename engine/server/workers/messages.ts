/** What the process that follows Git and the processes that serve say to each other. Plain data: it is cloned on its way. */
import type { ServerConfig } from '../../../schema/server-config.ts';
import type { Code } from '../../problem/codes.ts';
import { Problem } from '../../problem/problem.ts';
import type { SharedBuild } from '../../reconcile/shared-build.ts';
import type { LogOptions } from '../../telemetry/log.ts';

/** Everything that a worker has to know at its start. */
export interface Start {
  readonly kind: 'start';
  /** From 1. */
  readonly worker: number;
  /** With its references resolved, and the port that was chosen. */
  readonly config: ServerConfig;
  readonly log: Pick<LogOptions, 'format' | 'level'>;
  /** Path of the socket where the operator's endpoints are. */
  readonly operator: string;
  /** Names as they are served now. */
  readonly names: readonly Named[];
}

export interface Named {
  readonly name: string;
  /** What serves it; undefined: nothing yet. */
  readonly build: SharedBuild | undefined;
  /** What its callers are told until something does. */
  readonly problem: PlainProblem | undefined;
}

export interface PlainProblem {
  readonly code: Code;
  readonly message: string;
  readonly hint: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export type ToWorker =
  | Start
  /** Build it aside. Answered. */
  | { readonly kind: 'prepare'; readonly call: number; readonly build: SharedBuild }
  | { readonly kind: 'claim'; readonly name: string }
  | { readonly kind: 'refuse'; readonly name: string; readonly problem: PlainProblem }
  /** It comes to nothing. */
  | { readonly kind: 'drop'; readonly build: SharedBuild }
  /** From here on it serves. */
  | { readonly kind: 'swap'; readonly build: SharedBuild }
  | { readonly kind: 'release'; readonly name: string }
  /** Answered with its readings. */
  | { readonly kind: 'metrics'; readonly call: number }
  /** Finish what runs, and end. */
  | { readonly kind: 'stop'; readonly lingerMs: number }; // biome-ignore format: one case a line

export type FromWorker =
  | { readonly kind: 'listening' }
  /** It cannot listen; `code` is Node's (`EADDRINUSE`). */
  | { readonly kind: 'deaf'; readonly code: string | undefined; readonly message: string }
  | { readonly kind: 'done'; readonly call: number; readonly value?: unknown }
  | { readonly kind: 'failed'; readonly call: number; readonly message: string }; // biome-ignore format: one case a line

export function plainOf({ code, message, hint, headers }: Problem): PlainProblem {
  return { code: code as Code, message, hint, headers };
}

export function problemOf({ code, message, hint, headers }: PlainProblem): Problem {
  return new Problem(code, { message, hint, headers });
}
