// Load test of prod: backend, frontend from 1× to 5× of today's peak in 5 steps of 2m0s
//
// Rendered from the plan; render it again instead of editing it.
//
// Environment:
//   BASE_URL_BACKEND  where backend answers, such as https://api.agencyos.example
//   BASE_URL_FRONTEND  where frontend answers, such as https://app.agencyos.example
//   AUTH      value of the header Authorization; it is never written into a file
//   IDS       path parameters are numbers from 1 to this (default 1000)
//   BODIES    JSON bodies by route, such as {"POST /api/items": {"name": "x"}} (default: {})
//
// Arrivals do not wait for answers: a slow product gets the same load, not less.
import http from 'k6/http';
import exec from 'k6/execution';
import { Rate } from 'k6/metrics';

const test = {
  "services": {
    "backend": {
      "base": "BASE_URL_BACKEND",
      "example": "https://api.agencyos.example",
      "cdn": false,
      "routes": [
        {
          "method": "GET",
          "path": "/api/items",
          "share": 55,
          "tag": "backend-1"
        },
        {
          "method": "GET",
          "path": "/api/items/{id}",
          "share": 30,
          "tag": "backend-2"
        },
        {
          "method": "POST",
          "path": "/api/items",
          "share": 15,
          "tag": "backend-3"
        }
      ]
    },
    "frontend": {
      "base": "BASE_URL_FRONTEND",
      "example": "https://app.agencyos.example",
      "cdn": true,
      "routes": [
        {
          "method": "GET",
          "path": "/",
          "share": 100,
          "tag": "frontend-1"
        }
      ]
    }
  },
  "steps": [
    {
      "name": "1x",
      "from": 120000,
      "to": 240000
    },
    {
      "name": "2x",
      "from": 360000,
      "to": 480000
    },
    {
      "name": "3x",
      "from": 600000,
      "to": 720000
    },
    {
      "name": "4x",
      "from": 840000,
      "to": 960000
    },
    {
      "name": "5x",
      "from": 1080000,
      "to": 1200000
    }
  ],
  "scenarios": {
    "backend": {
      "executor": "ramping-arrival-rate",
      "startRate": 0,
      "timeUnit": "1s",
      "preAllocatedVUs": 640,
      "maxVUs": 3200,
      "stages": [
        {
          "target": 320,
          "duration": "120s"
        },
        {
          "target": 320,
          "duration": "120s"
        },
        {
          "target": 640,
          "duration": "120s"
        },
        {
          "target": 640,
          "duration": "120s"
        },
        {
          "target": 960,
          "duration": "120s"
        },
        {
          "target": 960,
          "duration": "120s"
        },
        {
          "target": 1280,
          "duration": "120s"
        },
        {
          "target": 1280,
          "duration": "120s"
        },
        {
          "target": 1600,
          "duration": "120s"
        },
        {
          "target": 1600,
          "duration": "120s"
        }
      ]
    },
    "frontend": {
      "executor": "ramping-arrival-rate",
      "startRate": 0,
      "timeUnit": "1s",
      "preAllocatedVUs": 1800,
      "maxVUs": 9000,
      "stages": [
        {
          "target": 900,
          "duration": "120s"
        },
        {
          "target": 900,
          "duration": "120s"
        },
        {
          "target": 1800,
          "duration": "120s"
        },
        {
          "target": 1800,
          "duration": "120s"
        },
        {
          "target": 2700,
          "duration": "120s"
        },
        {
          "target": 2700,
          "duration": "120s"
        },
        {
          "target": 3600,
          "duration": "120s"
        },
        {
          "target": 3600,
          "duration": "120s"
        },
        {
          "target": 4500,
          "duration": "120s"
        },
        {
          "target": 4500,
          "duration": "120s"
        }
      ]
    }
  },
  "thresholds": {
    "cdn_hits{service:frontend}": [
      {
        "threshold": "rate>=0.8",
        "abortOnFail": false
      }
    ],
    "dropped_iterations": [
      {
        "threshold": "count<732",
        "abortOnFail": false
      }
    ],
    "http_req_duration{route:backend-1,step:1x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "2m30s"
      }
    ],
    "http_req_duration{route:backend-1,step:2x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "6m30s"
      }
    ],
    "http_req_duration{route:backend-1,step:3x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "10m30s"
      }
    ],
    "http_req_duration{route:backend-1,step:4x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "14m30s"
      }
    ],
    "http_req_duration{route:backend-1,step:5x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "18m30s"
      }
    ],
    "http_req_duration{route:backend-2,step:1x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "2m30s"
      }
    ],
    "http_req_duration{route:backend-2,step:2x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "6m30s"
      }
    ],
    "http_req_duration{route:backend-2,step:3x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "10m30s"
      }
    ],
    "http_req_duration{route:backend-2,step:4x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "14m30s"
      }
    ],
    "http_req_duration{route:backend-2,step:5x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "18m30s"
      }
    ],
    "http_req_duration{route:backend-3,step:1x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "2m30s"
      }
    ],
    "http_req_duration{route:backend-3,step:2x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "6m30s"
      }
    ],
    "http_req_duration{route:backend-3,step:3x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "10m30s"
      }
    ],
    "http_req_duration{route:backend-3,step:4x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "14m30s"
      }
    ],
    "http_req_duration{route:backend-3,step:5x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "18m30s"
      }
    ],
    "http_req_duration{route:frontend-1,step:1x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "2m30s"
      }
    ],
    "http_req_duration{route:frontend-1,step:2x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "6m30s"
      }
    ],
    "http_req_duration{route:frontend-1,step:3x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "10m30s"
      }
    ],
    "http_req_duration{route:frontend-1,step:4x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "14m30s"
      }
    ],
    "http_req_duration{route:frontend-1,step:5x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "18m30s"
      }
    ],
    "http_req_failed{service:backend,step:1x}": [
      {
        "threshold": "rate<0.001",
        "abortOnFail": true,
        "delayAbortEval": "2m30s"
      }
    ],
    "http_req_failed{service:backend,step:2x}": [
      {
        "threshold": "rate<0.001",
        "abortOnFail": true,
        "delayAbortEval": "6m30s"
      }
    ],
    "http_req_failed{service:backend,step:3x}": [
      {
        "threshold": "rate<0.001",
        "abortOnFail": true,
        "delayAbortEval": "10m30s"
      }
    ],
    "http_req_failed{service:backend,step:4x}": [
      {
        "threshold": "rate<0.001",
        "abortOnFail": true,
        "delayAbortEval": "14m30s"
      }
    ],
    "http_req_failed{service:backend,step:5x}": [
      {
        "threshold": "rate<0.001",
        "abortOnFail": true,
        "delayAbortEval": "18m30s"
      }
    ],
    "http_req_failed{service:frontend,step:1x}": [
      {
        "threshold": "rate<0.001",
        "abortOnFail": true,
        "delayAbortEval": "2m30s"
      }
    ],
    "http_req_failed{service:frontend,step:2x}": [
      {
        "threshold": "rate<0.001",
        "abortOnFail": true,
        "delayAbortEval": "6m30s"
      }
    ],
    "http_req_failed{service:frontend,step:3x}": [
      {
        "threshold": "rate<0.001",
        "abortOnFail": true,
        "delayAbortEval": "10m30s"
      }
    ],
    "http_req_failed{service:frontend,step:4x}": [
      {
        "threshold": "rate<0.001",
        "abortOnFail": true,
        "delayAbortEval": "14m30s"
      }
    ],
    "http_req_failed{service:frontend,step:5x}": [
      {
        "threshold": "rate<0.001",
        "abortOnFail": true,
        "delayAbortEval": "18m30s"
      }
    ],
    "http_req_waiting{route:backend-1,step:1x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "2m30s"
      }
    ],
    "http_req_waiting{route:backend-1,step:2x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "6m30s"
      }
    ],
    "http_req_waiting{route:backend-1,step:3x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "10m30s"
      }
    ],
    "http_req_waiting{route:backend-1,step:4x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "14m30s"
      }
    ],
    "http_req_waiting{route:backend-1,step:5x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "18m30s"
      }
    ],
    "http_req_waiting{route:backend-2,step:1x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "2m30s"
      }
    ],
    "http_req_waiting{route:backend-2,step:2x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "6m30s"
      }
    ],
    "http_req_waiting{route:backend-2,step:3x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "10m30s"
      }
    ],
    "http_req_waiting{route:backend-2,step:4x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "14m30s"
      }
    ],
    "http_req_waiting{route:backend-2,step:5x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "18m30s"
      }
    ],
    "http_req_waiting{route:backend-3,step:1x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "2m30s"
      }
    ],
    "http_req_waiting{route:backend-3,step:2x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "6m30s"
      }
    ],
    "http_req_waiting{route:backend-3,step:3x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "10m30s"
      }
    ],
    "http_req_waiting{route:backend-3,step:4x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "14m30s"
      }
    ],
    "http_req_waiting{route:backend-3,step:5x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "18m30s"
      }
    ],
    "http_req_waiting{route:frontend-1,step:1x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "2m30s"
      }
    ],
    "http_req_waiting{route:frontend-1,step:2x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "6m30s"
      }
    ],
    "http_req_waiting{route:frontend-1,step:3x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "10m30s"
      }
    ],
    "http_req_waiting{route:frontend-1,step:4x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "14m30s"
      }
    ],
    "http_req_waiting{route:frontend-1,step:5x}": [
      {
        "threshold": "p(99)<200",
        "abortOnFail": true,
        "delayAbortEval": "18m30s"
      }
    ]
  }
};

const hits = new Rate('cdn_hits');
const bodies = JSON.parse(__ENV.BODIES || '{}');
const ids = Number(__ENV.IDS || 1000);

export const options = {
  scenarios: test.scenarios,
  thresholds: test.thresholds,
  summaryTrendStats: ['avg', 'min', 'med', 'p(90)', 'p(95)', 'p(99)', 'max', 'count'],
  discardResponseBodies: true,
  // Without the URL, which differs by every id, and the scenario: what is between
  // two steps carries no tag of any.
  systemTags: ['proto', 'status', 'method', 'name', 'group', 'check', 'error', 'error_code', 'expected_response', 'tls_version'],
  userAgent: 'headroom-loadtest',
};

export function setup() {
  const missing = Object.values(test.services).filter((s) => !__ENV[s.base]);
  if (missing.length > 0) {
    exec.test.abort(`set ${missing.map((s) => `${s.base} (such as ${s.example})`).join(', ')}`);
  }
}

// stepAt is the tag of the step in which a moment lies; none on the way to one.
function stepAt(millis) {
  const step = test.steps.find((s) => millis >= s.from && millis < s.to);
  return step ? { step: step.name } : {};
}

function pick(routes) {
  let left = Math.random() * routes.reduce((sum, r) => sum + r.share, 0);
  return routes.find((r) => (left -= r.share) < 0) || routes[routes.length - 1];
}

export default function () {
  const name = exec.scenario.name;
  const service = test.services[name];
  const route = pick(service.routes);
  const path = route.path.replace(/\{[^}]*\}/g, () => String(1 + Math.floor(Math.random() * ids)));
  const key = `${route.method} ${route.path}`;
  const headers = __ENV.AUTH ? { Authorization: __ENV.AUTH } : {};
  let body = null;
  if (!['GET', 'HEAD', 'OPTIONS'].includes(route.method)) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(bodies[key] || {});
  }
  const answer = http.request(route.method, __ENV[service.base].replace(/\/+$/, '') + path, body, {
    headers, timeout: '30s',
    tags: Object.assign({ name: key, service: name, route: route.tag }, stepAt(Date.now() - exec.scenario.startTime)),
  });
  if (service.cdn) {
    const said = answer.headers['Cf-Cache-Status'] || answer.headers['X-Cache'] || answer.headers['X-Vercel-Cache'] || '';
    hits.add(/hit|stale|updating/i.test(said), { service: name });
  }
}
