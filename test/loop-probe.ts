/**
 * For tests, loaded into a server's process before anything else: how long work holds its event loop. Counted is the
 * processor time of the thread between two turns of the loop, so that it is the same on a machine that is busy.
 */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { isMainThread } from 'node:worker_threads';

const file = process.env.PROBE_FILE;

if (isMainThread && file !== undefined) {
  let longest = 0;
  let before = cpuMs();
  setInterval(() => {
    const now = cpuMs();
    longest = Math.max(longest, now - before);
    before = now;
  }, 2).unref();
  // Answers with the longest since the question before.
  const server = createServer((_request, response) => {
    response.end(String(longest));
    longest = 0;
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object') writeFileSync(file, `http://127.0.0.1:${address?.port}/`);
  });
  server.unref();
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
