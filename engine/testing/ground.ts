/** What tests with requests stand on: the project compiled against databases of its own, and as many benches as are wanted. */
import { type Diagnostic, hasErrors, type Staged } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import { compileApi } from '../api/compile.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { readLock } from '../catalog/lock.ts';
import type { Step } from '../migrate/journal.ts';
import { recordedNames } from '../reconcile/lock-of-folder.ts';
import { readScripts, type Scripts } from '../reconcile/prepare.ts';
import { bindOperations } from '../revision/operations.ts';
import { openBench } from './bench.ts';
import { givensOf } from './given.ts';
import type { Ground } from './rights-ground.ts';
import { NotFilled, type OpenCopy, type Store, storeOf } from './stores.ts';

export interface GroundOptions {
  /** The project's folder. */
  readonly directory: string;
  readonly project: Project;
  /** Of servers, by the database's name; the others are embedded. */
  readonly urls: ReadonlyMap<string, string>;
  readonly onStep: (database: string, step: Step) => void;
}

/** Databases that outlast a run, so that the next one has them filled already. */
export class Grounds {
  #stores: ReadonlyMap<string, { readonly key: string; readonly store: Store }> = new Map();

  /** @throws {Problem} a server cannot be reached, or makes no copies */
  async prepare(options: GroundOptions): Promise<Staged<Ground>> {
    const { directory, project } = options;
    const scripts = await scriptsOf(directory, project);
    if (scripts.value === undefined) return { diagnostics: scripts.diagnostics };
    const stores = await this.#storesOf(options, scripts.value);
    try {
      return await groundOf(options, stores);
    } catch (error) {
      if (error instanceof NotFilled) return { diagnostics: error.diagnostics };
      throw error;
    }
  }

  async close(): Promise<void> {
    const stores = this.#stores;
    this.#stores = new Map();
    for (const { store } of stores.values()) await store.close();
  }

  /** Those of the run before where nothing that they were made of has changed. */
  async #storesOf(
    { project, urls, onStep }: GroundOptions,
    scripts: ReadonlyMap<string, Scripts>,
  ): Promise<ReadonlyMap<string, Store>> {
    const before = this.#stores;
    const next = new Map<string, { readonly key: string; readonly store: Store }>();
    this.#stores = next;
    for (const [name, config] of project.databases) {
      const own = scripts.get(name)!;
      const url = urls.get(name);
      const key = JSON.stringify([project.name, config, own.hash, url]);
      const known = before.get(name);
      if (known?.key === key) next.set(name, known);
      else {
        const onOwnStep = (step: Step) => onStep(name, step);
        next.set(name, { key, store: storeOf({ project, config, scripts: own, url, onStep: onOwnStep }) });
      }
    }
    for (const [name, { key, store }] of before) if (next.get(name)?.key !== key) await store.close();
    return new Map([...next].map(([name, { store }]) => [name, store]));
  }
}

async function scriptsOf(directory: string, project: Project): Promise<Staged<ReadonlyMap<string, Scripts>>> {
  const found = new Map<string, Scripts>();
  for (const [name, config] of project.databases) found.set(name, await readScripts(directory, config));
  const diagnostics = [...found.values()].flatMap((scripts) => scripts.diagnostics);
  return hasErrors(diagnostics) ? { diagnostics } : { value: found, diagnostics };
}

async function groundOf(
  { directory, project }: GroundOptions,
  stores: ReadonlyMap<string, Store>,
): Promise<Staged<Ground>> {
  const copies = await openAll(stores);
  const catalogs = new Map<string, Catalog>();
  for (const [name, copy] of copies) catalogs.set(name, await copy.introspect());
  giveBackAll(stores, copies);
  const lock = await readLock(directory);
  const compiled = compileApi(project, catalogs, recordedNames(lock.value));
  const diagnostics: Diagnostic[] = [...compiled.diagnostics];
  if (hasErrors(diagnostics) || compiled.value === undefined) return { diagnostics };
  const { api, names } = compiled.value;
  const operations = await bindOperations(project, api);
  diagnostics.push(...operations.diagnostics);
  if (hasErrors(diagnostics)) return { diagnostics };
  const givens = givensOf(project, catalogs, names);
  return {
    value: {
      api,
      openBench: async () => {
        const own = await openAll(stores);
        const bench = await openBench({ project, api, operations: operations.value, givens, copies: own });
        return {
          run: (test) => bench.run(test),
          visit: (work) => bench.visit(work),
          close: async () => {
            await bench.close();
            giveBackAll(stores, own);
          },
        };
      },
    },
    diagnostics,
  };
}

async function openAll(stores: ReadonlyMap<string, Store>): Promise<ReadonlyMap<string, OpenCopy>> {
  const opened = new Map<string, OpenCopy>();
  for (const [name, store] of stores) opened.set(name, await store.open());
  return opened;
}

function giveBackAll(stores: ReadonlyMap<string, Store>, copies: ReadonlyMap<string, OpenCopy>): void {
  for (const [name, copy] of copies) stores.get(name)!.giveBack(copy);
}
