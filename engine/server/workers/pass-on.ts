/** Requests for the operator's endpoints, handed by a worker to the process that has them, with who really asks. */
import { Agent, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { pipeline } from 'node:stream';
import { Problem } from '../../problem/problem.ts';
import { answerProblem } from '../../revision/failure.ts';

/** Of one connection alone (RFC 9110, 7.6.1); `expect` has been answered already. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect',
]); // biome-ignore format: a list

/** @param socket path of the socket where the operator's endpoints are */
export function passOn(
  socket: string,
): ((request: IncomingMessage, response: ServerResponse) => void) & { close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const onward = ask({
      socketPath: socket,
      agent,
      method: request.method!,
      path: request.url!,
      headers: headersOf(request),
    });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode!, endToEnd(answer.rawHeaders));
      pipeline(answer, response, () => {});
    });
    onward.on('error', (cause) => {
      // An answer that is under way ends by itself, whole or not.
      if (!response.headersSent) answerProblem(response, ending(cause));
    });
    // Whoever waits for an operation may go away first; and a body goes no further once there is an answer to it.
    response.on('close', () => onward.destroy());
    // What is left of the body is read all the same: its sender comes to the answer, and to the next request, behind it.
    onward.on('close', () => request.unpipe(onward).resume());
    request.pipe(onward);
  };
  return Object.assign(handle, { close: () => agent.destroy() });
}

/**
 * Whose X-Forwarded-For is believed by a process that workers ask.
 *
 * @param proxies addresses and networks (CIDR)
 * @returns by address and its distance: 0 is the worker itself, which has no address
 */
export function trustOf(proxies: readonly string[]): (address: string | undefined, hop: number) => boolean {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/', 2);
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address, hop) => {
    if (hop === 0) return true;
    if (address === undefined || isIP(address) === 0) return false;
    return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  };
}

/** As they came, two of a kind included: it is not for us to say which one counts. */
function headersOf({ rawHeaders, headers, socket }: IncomingMessage): string[] {
  const sent = endToEnd(rawHeaders).filter(
    (_, index, all) => all[index - (index % 2)]!.toLowerCase() !== 'x-forwarded-for',
  );
  const before = headers['x-forwarded-for'];
  const peer = (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
  sent.push('X-Forwarded-For', before === undefined ? peer : `${before}, ${peer}`);
  if (headers['transfer-encoding'] !== undefined) sent.push('Transfer-Encoding', 'chunked');
  return sent;
}

/**
 * What `Connection` names besides is left: without `Content-Length`, say, a body would be read as the next request of a
 * connection that others use too.
 */
function endToEnd(raw: readonly string[]): string[] {
  return raw.filter((_, index) => !hopByHop.has(raw[index - (index % 2)]!.toLowerCase()));
}

function ending(cause: unknown): Problem {
  return new Problem('NS505', {
    message: 'The server is starting, or shutting down.',
    hint: 'Try again in a moment.',
    headers: { 'Retry-After': '1' },
    cause,
  });
}
