// Users who ask again as soon as they are answered.
import http from 'k6/http';

export default function () {
  http.get(`${__ENV.URL}/api/items/${__ITER}`);
}
