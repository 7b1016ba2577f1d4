/** Loads one URL from a process of its own: `node load.mjs <json>`; prints requests a second and what was not 2xx. */
import autocannon from 'autocannon';

/** `paths` are taken in turn, so that a row is not asked for twice in a row. */
const { origin, paths, headers, connections, seconds } = JSON.parse(process.argv[2]);

let next = 0;
const setupRequest = (request) => {
  next += 1;
  return { ...request, path: paths[next % paths.length] };
};
const result = await autocannon({
  url: origin,
  connections,
  duration: seconds,
  requests: [{ headers, setupRequest }],
});
console.log(
  JSON.stringify({
    perSecond: result.requests.average,
    failed: result.non2xx + result.errors + result.timeouts,
    p99: result.latency.p99,
  }),
);
