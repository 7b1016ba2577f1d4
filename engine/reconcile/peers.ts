/** Other engines that serve the same sources from the same server.yaml: what they agree on. Types only. */
import type { Operation } from './fleet.ts';

/** What an operator wants of a project, wherever it was asked. */
export interface Wish {
  /** Its name in server.yaml. */
  readonly source: string;
  /** Of the project, within the repository. */
  readonly folder: string;
  readonly suspended: boolean;
  /** Somebody went back to a revision when `head` was the newest commit's tree; it ends with another one. */
  readonly pinned: Pinned | null;
}

export interface Pinned {
  readonly revision: string;
  readonly commit: string;
  /** Object id of the project's folder. */
  readonly tree: string;
  readonly head: string;
}

export interface Peers {
  /** Has the others look at a source now. Never throws: they look by themselves a little later. */
  look(source: string): void;
  /** Has the others forget a project that its source has no more. Never throws. */
  forget(source: string, folder: string): void;
  /** Keeps an operation where all can read it. Never throws. */
  keep(operation: Operation): void;
  /** @throws when the store cannot be reached */
  operation(id: string): Promise<Operation | undefined>;
  /** Newest first, at most 50. @throws when the store cannot be reached */
  operations(project: string): Promise<readonly Operation[]>;
  /** @throws when the store cannot be reached: then nothing is to be changed */
  wish(wish: Wish): Promise<void>;
  /** @throws when the store cannot be reached */
  wishes(): Promise<readonly Wish[]>;
}

/** What an engine hears of the others. */
export interface PeersNews {
  readonly onLook: (source: string) => void;
  readonly onForget: (source: string, folder: string) => void;
  /** Some wishes are new, or may be. */
  readonly onWishes: () => void;
  /** Whether this engine has the duties of which there is one: it migrates, and reports. */
  readonly onLead: (leads: boolean) => void;
}
