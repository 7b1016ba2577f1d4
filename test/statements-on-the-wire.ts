/** For tests: how many statements a database server was sent, by the messages of its protocol. */
import type { Socket } from 'node:net';
import type { Relay } from '../engine/dialect/postgres/relay.fixture.ts';
import type { TestEngine } from './database.ts';

const execute = 0x45; // E
const query = 0x51; // Q

/** Counts from here on, on every connection that is opened through the relay. */
export function countExecutes(relay: Relay, engine: TestEngine = 'postgres'): () => number {
  return engine === 'postgres' ? countMessages(relay) : countCommands(relay);
}

const comQuery = 0x03;
const comExecute = 0x17;

/** Of MySQL: a packet is its length (3), its number and its bytes; a command is the first of an exchange. */
function countCommands(relay: Relay): () => number {
  const held = new WeakMap<Socket, Buffer>();
  let count = 0;
  const pass = relay.fromClient;
  relay.fromClient = (bytes, server) => {
    let rest = Buffer.concat([held.get(server) ?? Buffer.alloc(0), bytes]);
    while (rest.length > 4 && rest.length >= 4 + rest.readUIntLE(0, 3)) {
      if (rest[3] === 0 && (rest[4] === comQuery || rest[4] === comExecute)) count += 1;
      rest = rest.subarray(4 + rest.readUIntLE(0, 3));
    }
    held.set(server, rest);
    pass(bytes, server);
  };
  return () => count;
}

function countMessages(relay: Relay): () => number {
  const connections = new WeakMap<Socket, { held: Buffer; started: boolean }>();
  let count = 0;
  const pass = relay.fromClient;
  relay.fromClient = (bytes, server) => {
    const state = connections.get(server) ?? { held: Buffer.alloc(0), started: false };
    connections.set(server, state);
    state.held = Buffer.concat([state.held, bytes]);
    for (;;) {
      // The first message has no type.
      const header = state.started ? 5 : 4;
      if (state.held.length < header) break;
      const length = state.held.readUInt32BE(header - 4) + header - 4;
      if (state.held.length < length) break;
      if (state.started && (state.held[0] === execute || state.held[0] === query)) count += 1;
      state.started = true;
      state.held = state.held.subarray(length);
    }
    pass(bytes, server);
  };
  return () => count;
}
