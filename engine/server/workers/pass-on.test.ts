/** What a worker hands on, over real connections: what is sent on the one is what comes out at the other. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type Server,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { passOn } from './pass-on.ts';

interface Pair {
  /** Of the worker. */
  readonly port: number;
  /** What came to the process behind it. */
  readonly came: Came[];
}

interface Came {
  readonly line: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

async function createPair(t: TestContext, answer: RequestListener): Promise<Pair> {
  const came: Came[] = [];
  const control = join(await temporaryFolder(t), 'operator.sock');
  const behind = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const one = { line: `${method} ${url}`, body: '', headers };
    came.push(one);
    answer(request, response);
    if (answer === whole) for await (const chunk of request) one.body += chunk;
  });
  const handle = passOn(control);
  const front = createServer(handle);
  t.after(() => {
    handle.close();
    for (const server of [front, behind]) {
      server.close();
      server.closeAllConnections();
    }
  });
  await open(behind, control);
  await open(front, 0);
  return { port: (front.address() as AddressInfo).port, came };
}

function open(server: Server, where: string | number): Promise<void> {
  return new Promise((resolve) => server.listen(where, resolve));
}

/** All that comes back until the connection ends. */
async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}

/** Ends when the body has come. */
const whole: RequestListener = (request, response) => {
  request.on('end', () => response.end('whole'));
};

for (const method of ['GET', 'DELETE', 'POST'])
  it(`a body of ${method} stays a body, whatever the Connection header names`, async (t) => {
    const { port, came } = await createPair(t, whole);
    const body = 'GET /-/status HTTP/1.1\r\nHost: inner\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n';
    const answer = await exchange(
      port,
      `${method} /-/live HTTP/1.1\r\nHost: outer\r\nConnection: close, content-length, host\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.deepEqual(
      came.map(({ line, body, headers: { host } }) => ({ line, body, host })),
      [{ line: `${method} /-/live`, body, host: 'outer' }],
    );
  });

it('an answer that comes before its body has ended is given, and so is the next one of the connection', async (t) => {
  const { port } = await createPair(t, (_, response) => response.writeHead(401).end('no'));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  for (let number = 0; number < 6; number += 1)
    assert.equal(await send(port, agent, Buffer.alloc(2_000_000)), '401 no');
});

async function send(port: number, agent: Agent, body: Buffer): Promise<string> {
  const onward = request({ port, agent, method: 'POST', path: '/-/hooks/main' });
  const answered = once(onward, 'response') as Promise<[IncomingMessage]>;
  onward.setHeader('Content-Length', body.length);
  onward.end(body);
  const [answer] = await answered;
  let text = '';
  for await (const chunk of answer) text += chunk;
  return `${answer.statusCode} ${text}`;
}
