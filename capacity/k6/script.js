// Load test of %STACK%: %SUMMARY%
//
// Rendered from the plan; render it again instead of editing it.
//
// Environment:
//%BASES%
//   AUTH      value of the header Authorization; it is never written into a file
//   IDS       path parameters are numbers from 1 to this (default 1000)
//   BODIES    JSON bodies by route, such as {"POST /api/items": {"name": "x"}} (default: {})
//
// Arrivals do not wait for answers: a slow product gets the same load, not less.
import http from 'k6/http';
import exec from 'k6/execution';
import { Rate } from 'k6/metrics';

const test = %TEST%;

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
