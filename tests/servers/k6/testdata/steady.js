// A constant load of RATE per second for SECONDS, for summaries as k6 writes them itself.
import http from 'k6/http';

export const options = {
  scenarios: {
    steady: { executor: 'constant-arrival-rate', rate: Number(__ENV.RATE), timeUnit: '1s', duration: `${__ENV.SECONDS}s`, preAllocatedVUs: 200, maxVUs: 200 },
  },
  thresholds: { http_req_duration: ['p(95)<1', 'p(95)<60000'] },
};

export default function () {
  http.get(`${__ENV.URL}/api/items/${__ITER}`);
}
