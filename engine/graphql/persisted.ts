/** What a caller sent → the document that it means: by its text, by the name of a project's operation, or by a hash. */
import { createHash } from 'node:crypto';
import { Problem } from '../problem/problem.ts';
import { ByteCache } from './cache.ts';
import type { Call, SentCall } from './call.ts';
import { beyondLimit, invalid } from './refusal.ts';

/** One operation of the project. */
export interface Operation {
  readonly name: string;
  /** As GraphQL's printer writes it, with its fragments behind it. */
  readonly text: string;
  /** Who may run it. */
  readonly roles: ReadonlySet<string>;
}

export interface Operations {
  readonly byName: ReadonlyMap<string, Operation>;
  /** By sha256 in hex of its text, and of its file where it is all that the file has. */
  readonly byHash: ReadonlyMap<string, Operation>;
  /** Roles that may run nothing else. */
  readonly only: ReadonlySet<string>;
}

export const noOperations: Operations = Object.freeze({
  byName: new Map(),
  byHash: new Map(),
  only: new Set<string>(),
});

/** Characters of a text that is sent with its hash: comparing them holds the thread that serves. */
const maxText = 1_000_000;
/** Texts that one role's callers have had remembered. */
const maxRemembered = 4 * 1024 * 1024;

export class PersistedDocuments {
  readonly #operations: Operations;
  /** By role, then by hash: what one role sent is not there for another. */
  readonly #remembered = new Map<string, ByteCache<string>>();

  constructor(operations: Operations) {
    this.#operations = operations;
  }

  /** Texts of the role's operations when it may run nothing else. */
  allowedFor(role: string): readonly string[] | undefined {
    if (!this.#operations.only.has(role)) return undefined;
    return [...this.#operations.byName.values()]
      .filter(({ roles }) => roles.has(role))
      .map(({ text }) => text);
  }

  /**
   * Whether the document may be run is not asked here: an allow-list holds for texts too, however they came.
   *
   * @param role one that is declared
   * @throws {Problem} NS607 a hash that nothing is known of, NS400 one of another text; {Refusal} NS602 no such operation
   */
  resolve(sent: SentCall, role: string): Call {
    const { query, hash, operationName, variables } = sent;
    if (hash !== undefined) return { ...this.#byHash(query, hash, operationName, role), variables };
    if (query !== undefined) return { query, operationName, variables };
    const operation = this.#operations.byName.get(operationName!);
    if (operation === undefined || !operation.roles.has(role))
      throw invalid('$.operationName', `no such operation found: "${operationName!.slice(0, 100)}"`);
    return { query: operation.text, operationName: operation.name, variables };
  }

  #byHash(
    query: string | undefined,
    hash: string,
    operationName: string | undefined,
    role: string,
  ): Pick<Call, 'query' | 'operationName'> {
    if (query !== undefined && query.length > maxText)
      throw beyondLimit(
        '$',
        `a text of more than ${maxText} characters is not known by a hash; send it without`,
      );
    if (query !== undefined && createHash('sha256').update(query).digest('hex') !== hash)
      throw new Problem('NS400', {
        message: 'provided sha does not match query',
        hint: 'Send the sha256 of the text of "query", in hex.',
      });
    const operation = this.#operations.byHash.get(hash);
    if (operation?.roles.has(role) === true)
      return { query: operation.text, operationName: operationName ?? operation.name };
    const known = this.#remembered.get(role);
    if (query === undefined) {
      const remembered = known?.get(hash);
      if (remembered !== undefined) return { query: remembered, operationName };
      // The words that Apollo's and urql's clients look for before they send the text.
      throw new Problem('NS607', { message: 'PersistedQueryNotFound' });
    }
    if (!this.#operations.only.has(role)) {
      const texts = known ?? new ByteCache<string>(maxRemembered);
      this.#remembered.set(role, texts);
      texts.set(hash, query, query.length * 2);
    }
    return { query, operationName };
  }
}
