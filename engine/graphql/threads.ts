/** The process's two GraphQL threads, shared by all revisions: one for documents, one for what takes seconds. */
import { Lane } from './lane.ts';

export interface Threads {
  /** Parsing, validation and planning: milliseconds each. */
  readonly documents: Lane;
  /** Introspection and SDL of whole schemas: seconds for a thousand tables, which no document has to wait for. */
  readonly schemas: Lane;
}

let shared: { readonly threads: Threads; leases: number } | undefined;

/** The threads, started when they are first used, and what gives them back; the last to do so ends them. */
export function leaseThreads(): { readonly threads: Threads; readonly release: () => Promise<void> } {
  shared ??= {
    threads: {
      documents: new Lane({ timeoutMs: 5_000, maxQueue: 500, maxMegabytes: 512 }),
      schemas: new Lane({ timeoutMs: 30_000, maxQueue: 20, maxMegabytes: 1024 }),
    },
    leases: 0,
  };
  const leased = shared;
  leased.leases += 1;
  let released = false;
  const release = async () => {
    if (released) return;
    released = true;
    leased.leases -= 1;
    if (leased.leases > 0) return;
    if (shared === leased) shared = undefined;
    await Promise.all([leased.threads.documents.close(), leased.threads.schemas.close()]);
  };
  return { threads: leased.threads, release };
}
