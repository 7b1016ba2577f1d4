/** Loads one peer from a process of its own: `node load.mjs <json>`; prints requests a second and what was not 2xx. */
import { Agent, request } from 'node:http';
import autocannon from 'autocannon';

const { origin, method, turns, headers, connections, seconds, answers } = JSON.parse(process.argv[2]);

console.log(JSON.stringify(answers === undefined ? await forSeconds() : await toTheEnd()));

async function forSeconds() {
  let next = 0;
  const setupRequest = (one) => {
    next += 1;
    return { ...one, ...turns[next % turns.length] };
  };
  const result = await autocannon({
    url: origin,
    connections,
    duration: seconds,
    requests: [{ method, headers, setupRequest }],
  });
  return {
    perSecond: result.requests.average,
    failed: result.non2xx + result.errors + result.timeouts,
    p99: result.latency.p99,
  };
}

/** So many large answers, each read whole: within some seconds there would be a few, and the last ones cut. */
async function toTheEnd() {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const since = performance.now();
  let failed = 0;
  let slowest = 0;
  const all = Array.from({ length: answers }, async () => {
    const asked = performance.now();
    if (!(await readWhole(agent).catch(() => false))) failed += 1;
    slowest = Math.max(slowest, performance.now() - asked);
  });
  await Promise.all(all);
  const perSecond = answers / ((performance.now() - since) / 1000);
  agent.destroy();
  return { perSecond, failed, p99: slowest };
}

function readWhole(agent) {
  return new Promise((resolve, reject) => {
    const asked = request(origin + turns[0].path, { method, headers, agent }, (response) => {
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode === 200 && response.complete));
      response.resume();
    });
    asked.on('error', reject);
    asked.end();
  });
}
