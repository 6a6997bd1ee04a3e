// Steps of constant load at RATES per second, each SECONDS long. Users come at random
// and arrival-rate executors do not: a random wait of up to two seconds in front of
// every request makes them.
import http from 'k6/http';
import { sleep } from 'k6';

const seconds = Number(__ENV.SECONDS);
const stages = __ENV.RATES.split(',').flatMap((rate) => [
  { target: Number(rate), duration: '0s' },
  { target: Number(rate), duration: `${seconds}s` },
]);

export const options = {
  scenarios: {
    steps: {
      executor: 'ramping-arrival-rate',
      startRate: Number(__ENV.RATES.split(',')[0]),
      timeUnit: '1s',
      preAllocatedVUs: Number(__ENV.USERS),
      maxVUs: Number(__ENV.USERS),
      stages,
    },
  },
  summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(50)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'count'],
  thresholds: { http_req_duration: ['p(99)<1', 'p(99)<60000'] },
};

export default function () {
  sleep(2 * Math.random());
  http.get(`${__ENV.URL}/api/items/${__ITER}`, { tags: { name: 'GET /api/items/{id}' } });
}

export function handleSummary(data) {
  return { [__ENV.SUMMARY]: JSON.stringify(data, null, 1) };
}
