/**
 * Objects by their ids out of one `git cat-file`, each held against its id. A process of our own: simple-git writes its input
 * once and gathers all output, and objects come one by one, as bytes, within bounds.
 */
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Environment } from './environment.ts';
import { failureOf, GitFailure } from './failure.ts';
import { endGroup, noGit, startGit, tooSlow } from './process.ts';

export type ObjectKind = 'commit' | 'tree' | 'blob' | 'tag';

export interface ObjectInfo {
  readonly kind: ObjectKind;
  readonly size: number;
}

/** What trees and files are read from: a repository here, or one that is elsewhere. */
export interface Objects {
  /** @returns undefined: there is no such object */
  info(id: string): Promise<ObjectInfo | undefined>;
  /** @throws {GitFailure} missing, corrupt, refused (of another kind, or larger) */
  read(id: string, kind: ObjectKind, maxBytes: number): Promise<Buffer>;
}

/** A question that was asked and not yet answered. They are answered in their order. */
interface Asked {
  readonly id: string;
  /** Undefined: its content is not wanted. */
  readonly wanted: { readonly kind: ObjectKind; readonly maxBytes: number } | undefined;
  readonly resolve: (found: { info: ObjectInfo; bytes: Buffer } | undefined) => void;
  readonly reject: (failure: GitFailure) => void;
}

export const isObjectId = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);

/** Bytes of the line that comes before an object. */
const maxHeader = 200;

export class ObjectReader implements Objects {
  readonly #child: ChildProcess;
  readonly #timeoutMs: number;
  readonly #asked: Asked[] = [];
  #chunks: Buffer[] = [];
  #length = 0;
  /** Of the object whose content is awaited. */
  #awaited: ObjectInfo | undefined;
  #failure: GitFailure | undefined;
  #stderr = '';
  #timer: NodeJS.Timeout | undefined;

  /** @param timeoutMs from a question to its answer */
  constructor(environment: Environment, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#child = startGit(['cat-file', '--batch-command'], environment);
    this.#child.stdin!.on('error', () => {});
    this.#child.stdout!.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#child.stderr!.on('data', (chunk: Buffer) => {
      if (this.#stderr.length < 10_000) this.#stderr += chunk.toString('utf8');
    });
    this.#child.once('error', (cause) => this.#fail(noGit(cause)));
    this.#child.once('close', () => this.#fail(failureOf(this.#stderr, 'corrupt')));
  }

  /** @returns undefined: there is no such object */
  async info(id: string): Promise<ObjectInfo | undefined> {
    return (await this.#ask(id, undefined))?.info;
  }

  /**
   * One that is larger, or of another kind, is the end of the reader: its content is on the way already.
   *
   * @throws {GitFailure} missing, corrupt, refused
   */
  async read(id: string, kind: ObjectKind, maxBytes: number): Promise<Buffer> {
    const found = await this.#ask(id, { kind, maxBytes });
    if (found === undefined)
      throw new GitFailure('missing', `There is no object ${short(id)} in the mirror.`);
    if (objectId(kind, found.bytes) !== id)
      throw new GitFailure('corrupt', `The object ${short(id)} of the mirror is damaged.`);
    return found.bytes;
  }

  close(): void {
    this.#failure ??= new GitFailure('aborted', 'The objects are no longer read.');
    endGroup(this.#child);
  }

  #ask(id: string, wanted: Asked['wanted']): Promise<{ info: ObjectInfo; bytes: Buffer } | undefined> {
    if (!isObjectId(id)) throw new GitFailure('missing', 'That is not the whole id of an object.');
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#asked.push({ id, wanted, resolve, reject });
      this.#child.stdin!.write(`${wanted === undefined ? 'info' : 'contents'} ${id}\n`);
      this.#wait();
    });
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    this.#wait();
    while (this.#asked.length > 0 && this.#failure === undefined && this.#answer());
  }

  /** @returns whether there was enough to go on with */
  #answer(): boolean {
    const asked = this.#asked[0]!;
    if (this.#awaited === undefined) {
      const line = this.#line();
      if (line === undefined) return false;
      if (line === `${asked.id} missing`) return this.#done(undefined);
      const [id, kind, size] = line.split(' ');
      if (id !== asked.id || !/^\d+$/.test(size ?? '')) {
        this.#fail(new GitFailure('corrupt', 'Git does not answer what it was asked.'));
        return false;
      }
      const info = { kind: kind as ObjectKind, size: Number(size) };
      if (asked.wanted === undefined) return this.#done({ info, bytes: Buffer.alloc(0) });
      const unwanted = whyUnwanted(info, asked.wanted, asked.id);
      if (unwanted !== undefined) {
        this.#fail(new GitFailure('refused', unwanted));
        endGroup(this.#child);
        return false;
      }
      this.#awaited = info;
    }
    if (this.#length <= this.#awaited.size) return false;
    const bytes = this.#cut(this.#awaited.size);
    this.#cut(1);
    const info = this.#awaited;
    this.#awaited = undefined;
    return this.#done({ info, bytes });
  }

  #line(): string | undefined {
    const all = this.#joined();
    const end = all.indexOf(10);
    if (end < 0 && all.length > maxHeader)
      this.#fail(new GitFailure('corrupt', 'Git does not answer what it was asked.'));
    if (end < 0) return undefined;
    const line = this.#cut(end).toString('latin1');
    this.#cut(1);
    return line;
  }

  #cut(bytes: number): Buffer {
    const all = this.#joined();
    this.#chunks = [all.subarray(bytes)];
    this.#length -= bytes;
    return all.subarray(0, bytes);
  }

  #joined(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  #done(found: { info: ObjectInfo; bytes: Buffer } | undefined): true {
    this.#asked.shift()!.resolve(found);
    this.#wait();
    return true;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    if (this.#asked.length === 0 || this.#failure !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#fail(tooSlow(this.#timeoutMs));
      endGroup(this.#child);
    }, this.#timeoutMs);
  }

  #fail(failure: GitFailure): void {
    this.#failure ??= failure;
    clearTimeout(this.#timer);
    for (const { reject } of this.#asked.splice(0)) reject(this.#failure);
  }
}

function whyUnwanted(
  { kind, size }: ObjectInfo,
  wanted: { readonly kind: ObjectKind; readonly maxBytes: number },
  id: string,
): string | undefined {
  if (kind !== wanted.kind) return `The object ${short(id)} is a ${kind}, not a ${wanted.kind}.`;
  if (size > wanted.maxBytes)
    return `The ${kind} ${short(id)} has ${size} bytes; ${wanted.maxBytes} are read.`;
  return undefined;
}

/** The id of an object with that content. Pure. */
export function objectId(kind: ObjectKind, bytes: Uint8Array): string {
  return createHash('sha1').update(`${kind} ${bytes.length}\0`).update(bytes).digest('hex');
}

function short(id: string): string {
  return id.slice(0, 12);
}
