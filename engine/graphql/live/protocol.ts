/** graphql-transport-ws by graphql-ws, which is left to read messages and keep ids: what an operation means is ours. */
import { type DocumentNode, Kind, OperationTypeNode } from 'graphql';
import { type ConnectionInitMessage, handleProtocols, makeServer } from 'graphql-ws';
import type { RawData, WebSocket } from 'ws';
import { Problem } from '../../problem/problem.ts';
import { parseJson } from '../../query/json.ts';
import type { Session } from './session.ts';

export { handleProtocols };

/** Milliseconds in which a socket must say who opened it. */
const initMs = 10_000;

/** What graphql-ws looks at to tell one answer from many; every operation of ours is an iterator. */
const document: DocumentNode = {
  kind: Kind.DOCUMENT,
  definitions: [
    {
      kind: Kind.OPERATION_DEFINITION,
      operation: OperationTypeNode.SUBSCRIPTION,
      selectionSet: { kind: Kind.SELECTION_SET, selections: [] },
    },
  ],
};

const server = makeServer<ConnectionInitMessage['payload'], Session>({
  connectionInitWaitTimeout: initMs,
  onConnect: ({ extra, connectionParams }) => extra.connect(connectionParams),
  onSubscribe: (context, id, payload) => {
    const { query, operationName, variables } = payload;
    const call = { query, operationName: operationName || undefined, variables: variables ?? none };
    const operation = context.extra.begin(id, call, (known) => delete context.subscriptions[known]);
    // The library holds the message for as long as the operation runs: the same text for all that ask it.
    Object.assign(payload, { query: operation.call.query });
    return { document, schema: undefined as never, rootValue: undefined, contextValue: operation };
  },
  subscribe: ({ contextValue }) => contextValue as never,
  execute: never,
  validate: never,
  parse: never,
});

const none = Object.freeze({});

function never(): never {
  throw new TypeError('operations over a socket are run by the engine');
}

/** Speaks the protocol over a socket that was just opened. */
export function converse(socket: WebSocket, session: Session): void {
  const closed = server.opened(
    {
      protocol: socket.protocol,
      send: (text) => session.send(text),
      close: (code, reason) => session.close(code ?? 1000, reason ?? ''),
      onMessage: (listen) => {
        socket.on('message', (data, isBinary) => void receive(data, isBinary, listen, session));
      },
    },
    session,
  );
  socket.on('pong', () => {
    session.alive = true;
  });
  // What ends a socket in the middle of a frame: `close` follows.
  socket.on('error', () => {});
  socket.once('close', (code, reason) => {
    session.gone();
    closed(code, String(reason)).catch(() => {});
  });
}

async function receive(
  data: RawData,
  isBinary: boolean,
  listen: (message: string) => Promise<void>,
  session: Session,
): Promise<void> {
  try {
    if (isBinary) throw new Problem('NS400', { message: 'A message is text.' });
    // Parsed here, so that no number loses a digit; the library takes a message that is none yet as well.
    await listen(parseJson(String(data)) as string);
  } catch (error) {
    if (error instanceof Problem) session.close(4400, error.message);
    else session.close(1011, 'Something went wrong in the engine.');
  }
}
