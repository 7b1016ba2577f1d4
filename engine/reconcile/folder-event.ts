/** What following a folder tells: to whoever prints, and of what is served. Types only. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import type { Api } from '../api/api.ts';
import type { DevIssuer } from '../auth/dev-issuer.ts';
import type { Step } from '../migrate/journal.ts';
import type { Slot } from '../revision/registry.ts';
import type { FailureReason } from './status.ts';

/** What a follower tells whoever prints. `directory` tells projects apart before they have a name. */
export type FolderEvent = { readonly directory: string; readonly project: string | undefined } & (
  | { readonly kind: 'starting' }
  | { readonly kind: 'reset'; readonly databases: readonly string[] }
  | { readonly kind: 'migration'; readonly database: string; readonly step: Step }
  /** `reason`: `start`, `save`, `schema` (of a database) or `database` (reachable again). */
  | {
      readonly kind: 'serving' | 'reloaded';
      readonly revision: string;
      readonly reason: string;
      readonly ms: number;
      readonly diagnostics: readonly Diagnostic[];
    }
  /** After a broken save: the folder says again what is served. */
  | { readonly kind: 'unchanged'; readonly revision: string; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: 'broken';
      readonly reason: FailureReason;
      readonly message: string;
      readonly diagnostics: readonly Diagnostic[];
      /** The revision that keeps serving. */
      readonly serving: string | undefined;
    }
  | { readonly kind: 'database'; readonly database: string; readonly reachable: boolean; readonly message: string | undefined; readonly reason: string | undefined }
  | { readonly kind: 'lock'; readonly written: boolean; readonly message: string | undefined }
); // biome-ignore format: one case a line

/** What is served now. */
export interface ServedProject {
  readonly project: Project;
  readonly api: Api;
  readonly revision: string;
  readonly issuer: DevIssuer;
  readonly slot: Slot;
}

/** Without what every event has. */
export type FolderEventBody = FolderEvent extends infer Event
  ? Event extends FolderEvent
    ? Omit<Event, 'directory' | 'project'>
    : never
  : never;
