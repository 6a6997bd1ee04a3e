// Load on the reference backend, for SECONDS: USERS who ask again as soon as they are
// answered, or with RATE so many random arrivals per second, or RATES one after the
// other for SECONDS each. ROUTE keeps to one of
// the routes; without it the mix is that of the stack file. Some items are asked for
// much more often than others.
import http from 'k6/http';
import exec from 'k6/execution';
import { sleep } from 'k6';

const seconds = Number(__ENV.SECONDS);
const users = Number(__ENV.USERS || 200);
const rate = Number(__ENV.RATE || 0);
const rates = (__ENV.RATES || '').split(',').filter((r) => r).map(Number);

const closed = { executor: 'constant-vus', vus: users, duration: `${seconds}s`, gracefulStop: '20s' };
const arriving = {
  executor: 'constant-arrival-rate', rate, timeUnit: '1s', duration: `${seconds}s`,
  preAllocatedVUs: users, maxVUs: users, gracefulStop: '20s',
};

const steps = {
  executor: 'ramping-arrival-rate', startRate: rates[0] || 1, timeUnit: '1s',
  preAllocatedVUs: users, maxVUs: users, gracefulStop: '20s',
  stages: rates.flatMap((r) => [{ target: r, duration: '0s' }, { target: r, duration: `${seconds}s` }]),
};

export const options = {
  scenarios: { load: rates.length > 0 ? steps : rate > 0 ? arriving : closed },
  summaryTrendStats: ['avg', 'med', 'p(99)', 'max', 'count'],
  discardResponseBodies: true,
};

// stepped tags a request with the step in which it is sent.
function stepped(tags) {
  if (rates.length === 0) return tags;
  const at = Math.floor((Date.now() - exec.scenario.startTime) / 1000 / seconds);
  return at < rates.length ? Object.assign({ step: `${rates[at]} rps` }, tags) : tags;
}

const popular = (n) => 1 + Math.floor(n * Math.random() ** 3);

const routes = {
  item: () => http.get(`${__ENV.URL}/api/items/${popular(1000)}`, { tags: stepped({ name: 'GET /api/items/{id}' }) }),
  best: () => http.get(`${__ENV.URL}/api/categories/${popular(20)}/best`, { tags: stepped({ name: 'GET /api/categories/{id}/best' }) }),
  // The header lets a client send again what a balancer that reloads has not read.
  order: () => http.post(`${__ENV.URL}/api/items/${popular(1000)}/orders`, '{}', {
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': `${__VU}-${__ITER}` }, tags: stepped({ name: 'POST /api/items/{id}/orders' }),
  }),
};

function mixed() {
  const x = Math.random();
  return x < 0.7 ? 'item' : x < 0.9 ? 'best' : 'order';
}

export default function () {
  // Users come at random and arrival-rate executors do not.
  if (rate > 0 || rates.length > 0) sleep(Math.random());
  routes[__ENV.ROUTE || mixed()]();
}

export function handleSummary(data) {
  const value = (name, key) => (data.metrics[name] ? data.metrics[name].values[key] : 0);
  return {
    [__ENV.SUMMARY]: JSON.stringify({
      requests: value('http_reqs', 'count'),
      failed: value('http_req_failed', 'passes'),
      dropped: value('dropped_iterations', 'count'),
      rps: value('http_reqs', 'rate'),
      meanMillis: value('http_req_duration', 'avg'),
      p99Millis: value('http_req_duration', 'p(99)'),
    }),
  };
}
