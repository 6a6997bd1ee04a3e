// A constant load, for summaries as k6 writes them itself.
import http from 'k6/http';

export const options = {
  scenarios: {
    steady: { executor: 'constant-arrival-rate', rate: 60, timeUnit: '1s', duration: '5s', preAllocatedVUs: 20, maxVUs: 20 },
  },
  thresholds: { http_req_duration: ['p(95)<1', 'p(95)<60000'] },
};

export default function () {
  http.get(`${__ENV.URL}/api/items/${__ITER}`);
}
