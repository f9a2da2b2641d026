/**
 * What CloudFront runs for each request, in its own JavaScript. Kept as text: CloudFront takes it so, and a test runs it.
 *
 * `/chat`, `/memory` and `/search` are pages of the app and routes of the API. A browser that opens one is sent to the same
 * address with a slash behind it, which is the app's page alone.
 */
export const EDGE_FUNCTION = `function handler(event) {
  var request = event.request;
  var accept = request.headers.accept;
  var page = request.method === 'GET' && /^\\/(chat|memory|search)$/.test(request.uri);
  if (page && accept && accept.value.indexOf('text/html') >= 0) {
    return { statusCode: 302, statusDescription: 'Found', headers: { location: { value: request.uri + '/' } } };
  }
  request.headers['x-forwarded-host'] = { value: request.headers.host.value };
  return request;
}
`;

/** A page of the app has no dot in its last part; all of them are one file. */
export const PAGE_FUNCTION = `function handler(event) {
  var request = event.request;
  if (!/\\.[^/]*$/.test(request.uri)) request.uri = '/index.html';
  return request;
}
`;
