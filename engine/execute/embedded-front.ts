/**
 * The embedded database's door for the `pg` driver: a local socket whose connections take turns at one PGlite.
 *
 * PGlite's own socket package was tried: it ignores startup settings, lets two connections collide on statement names
 * and on the unnamed statement, turns a second connection away, and stops for good after one failure inside PGlite.
 * Here a turn lasts to the end of a batch, of a transaction when one is open.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Batch, Session } from './embedded-session.ts';
import type { Ran } from './embedded-thread.ts';
import * as wire from './embedded-wire.ts';

/** What runs the statements. Rejects when the database ended under them. */
export interface Backend {
  run(bytes: Uint8Array): Promise<Ran>;
  /** Called when a statement ran past its timeout or the database ended by itself: start it again. */
  renew(): void;
}

/** `RESET ALL` undoes what PGlite sets when it starts. */
const defaults: readonly wire.Setting[] = [['TimeZone', 'UTC']];

export class Front {
  readonly #backend: Backend;
  readonly #password: string;
  readonly #server: Server;
  readonly #sessions = new Set<Session>();
  /** Sessions with something to do, in the order they asked. */
  readonly #queue: Session[] = [];
  /** Whose transaction, or unfinished batch, is open. */
  #owner: Session | undefined;
  #running: Session | undefined;
  #pumping = false;
  /** The settings in force in PGlite, as text. */
  #inForce = '[]';
  #ids = 0;

  constructor(backend: Backend, password: string) {
    this.#backend = backend;
    this.#password = password;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Listens on 127.0.0.1; 0 is any free port. Resolves to the port. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.dismissAll('57P01', 'The embedded database was closed.');
    await closed;
  }

  /** Ends every connection, when PGlite's memory (their settings, statements, transactions) is gone. */
  dismissAll(sqlstate: string, reason: string): void {
    for (const session of this.#sessions) {
      session.dismiss(wire.fatal(sqlstate, reason));
      session.cleared = true;
    }
    this.#sessions.clear();
    this.#queue.length = 0;
    this.#owner = undefined;
    this.#inForce = '[]';
  }

  #accept(socket: Socket): void {
    const session = new Session(++this.#ids, socket);
    this.#sessions.add(session);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#leave(session));
    socket.on('data', (data) => this.#receive(session, data));
  }

  #receive(session: Session, data: Buffer): void {
    if (session.gone) return;
    try {
      session.receive(data);
      if (session.startup === undefined) return;
      if (!session.authenticated && !this.#authenticate(session)) return;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      session.dismiss(wire.fatal('08P01', reason));
      return;
    }
    this.#enqueue(session);
  }

  /** Other users of this machine can reach the port too: the password is in the URL that `openEmbedded` gives. */
  #authenticate(session: Session): boolean {
    const password = session.takePassword();
    if (password === undefined) return false;
    session.authenticated = timingSafeEqual(digest(password), digest(this.#password));
    if (!session.authenticated) session.dismiss(wire.fatal('28P01', 'The password is wrong.'));
    return session.authenticated;
  }

  #enqueue(session: Session): void {
    if (!hasWork(session)) return;
    if (session !== this.#owner && session !== this.#running && !this.#queue.includes(session)) {
      this.#queue.push(session);
    }
    if (session.started && !session.gone) this.#startClock(session);
    void this.#pump();
  }

  /** As in Postgres, the time of a statement counts from its arrival, so waiting for a turn has a bound too. */
  #startClock(session: Session): void {
    if (session.deadline !== undefined || session.timeoutMs === 0) return;
    session.deadline = setTimeout(() => this.#expire(session), session.timeoutMs);
  }

  #expire(session: Session): void {
    const wasRunning = this.#running === session;
    session.dismiss(wire.fatal('57014', 'canceling statement due to statement timeout'));
    if (wasRunning) this.#backend.renew();
  }

  #leave(session: Session): void {
    session.gone = true;
    clearTimeout(session.deadline);
    if (this.#sessions.delete(session)) this.#enqueue(session);
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) {
        this.#running = next;
        await this.#serve(next);
        this.#running = undefined;
      }
    } finally {
      this.#running = undefined;
      this.#pumping = false;
    }
  }

  #next(): Session | undefined {
    const owner = this.#owner;
    if (owner === undefined) return this.#queue.shift();
    return owner.gone || owner.hasBatch ? owner : undefined;
  }

  async #serve(session: Session): Promise<void> {
    try {
      if (session.gone) await this.#clear(session);
      else if (!session.started) await this.#start(session);
      else await this.#run(session, session.takeBatch());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      session.dismiss(
        wire.fatal('57P02', `The embedded database stopped while it ran this statement: ${reason}.`),
      );
      this.#backend.renew();
      return;
    }
    if (!hasWork(session)) return;
    if (!session.gone) this.#startClock(session);
    if (session !== this.#owner) this.#queue.push(session);
  }

  async #start(session: Session): Promise<void> {
    const alone = ![...this.#sessions].some((other) => other.started && other !== session);
    if (alone) await this.#forgetAll();
    const refused = await this.#apply(session.settings);
    if (refused !== undefined) return session.dismiss(wire.fatal('22023', refused));
    const { bytes } = await this.#complete(session.startup!);
    session.timeoutMs = await this.#readTimeout();
    session.started = true;
    session.socket.write(bytes);
  }

  async #forgetAll(): Promise<void> {
    await this.#complete(wire.query('discard all'));
    this.#inForce = '[]';
  }

  /** PGlite has one session: a turn of a connection with other startup settings begins by setting them. */
  async #apply(settings: readonly wire.Setting[]): Promise<string | undefined> {
    const wanted = JSON.stringify(settings);
    if (wanted === this.#inForce) return undefined;
    this.#inForce = 'unknown';
    await this.#complete(wire.query('reset all'));
    const { bytes } = await this.#complete(wire.applySettings([...defaults, ...settings]));
    const refused = wire.errorIn(bytes);
    if (refused === undefined) this.#inForce = wanted;
    return refused;
  }

  async #run(session: Session, batch: Batch): Promise<void> {
    if (session !== this.#owner) await this.#apply(session.settings);
    const last = batch.at(-1)!;
    if (last.type === 'Q' && /^\s*discard\s+all\s*;?\s*\0$/i.test(last.bytes.toString('utf8', 5))) {
      return this.#discard(session);
    }
    session.timeoutTouched ||= batch.some(mentionsTimeout);
    const open = last.type === 'H';
    const rendered = session.render(batch);
    const { bytes, inTransaction } = await (open ? this.#backend.run(rendered) : this.#complete(rendered));
    this.#owner = inTransaction || open ? session : undefined;
    if (session.timeoutTouched && !open) await this.#rereadTimeout(session, inTransaction);
    clearTimeout(session.deadline);
    session.deadline = undefined;
    if (!session.gone) session.socket.write(bytes);
  }

  /** After some statements (`COPY … PROGRAM`) PGlite says nothing any more, to this one and all that follow. */
  async #complete(bytes: Uint8Array): Promise<Ran> {
    const ran = await this.#backend.run(bytes);
    if (!wire.isComplete(ran.bytes)) throw new Error('it cannot run this statement');
    return ran;
  }

  /** Only what is this connection's own: the others keep their statements. */
  async #discard(session: Session): Promise<void> {
    await this.#closeStatements(session);
    this.#inForce = 'unknown';
    await this.#apply(session.settings);
    clearTimeout(session.deadline);
    session.deadline = undefined;
    session.socket.write(wire.completed('DISCARD ALL'));
  }

  /** What a connection leaves behind: its transaction and its statements. */
  async #clear(session: Session): Promise<void> {
    if (this.#owner === session) {
      await this.#complete(wire.sync);
      await this.#complete(wire.query('rollback'));
      this.#owner = undefined;
    }
    await this.#closeStatements(session);
    session.cleared = true;
  }

  async #closeStatements(session: Session): Promise<void> {
    if (!session.hasStatements) return;
    const closes = session.takeStatements().map(wire.closeStatement);
    await this.#complete(Buffer.concat([...closes, wire.sync]));
  }

  async #rereadTimeout(session: Session, inTransaction: boolean): Promise<void> {
    if (inTransaction) {
      // A failed transaction refuses the question; the timeout stays what it was until it ends.
      session.timeoutMs = await this.#readTimeout(session.timeoutMs);
      return;
    }
    session.timeoutTouched = false;
    session.timeoutMs = await this.#readTimeout();
  }

  /** PGlite keeps the setting and does nothing with it: the clock is ours. */
  async #readTimeout(fallback = 0): Promise<number> {
    const sql = "select setting from pg_catalog.pg_settings where name = 'statement_timeout'";
    const { bytes } = await this.#complete(wire.query(sql));
    return Number(wire.firstValue(bytes) ?? fallback);
  }
}

function hasWork(session: Session): boolean {
  return session.gone ? !session.cleared : !session.started || session.hasBatch;
}

function mentionsTimeout(frame: Batch[number]): boolean {
  return (frame.type === 'Q' || frame.type === 'P') && frame.bytes.includes('statement_timeout');
}

function digest(password: string): Buffer {
  return createHash('sha256').update(password).digest();
}
