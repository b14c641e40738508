import { type Call, type TestFile, walk } from '../model.ts';
import { defineRule, py } from '../rule.ts';

/** Clients that call the application. Sources: Django 5.2, DRF 3.16, Flask 3.1, Starlette 0.47, WebTest 3.0, WebOb 1.8, Falcon 4, httpx 0.28. */
const CLIENTS: ReadonlySet<string> = new Set([
  'django.test.Client',
  'django.test.client.Client',
  'django.test.AsyncClient',
  'django.test.RequestFactory',
  'rest_framework.test.APIClient',
  'rest_framework.test.APIRequestFactory',
  'fastapi.testclient.TestClient',
  'starlette.testclient.TestClient',
  'webtest.TestApp',
  'webtest.app.TestApp',
  'flask.Flask().test_client',
  'werkzeug.test.Client',
  'werkzeug.Client',
  'falcon.testing.TestClient',
  'httpx.ASGITransport',
  'httpx.WSGITransport',
  'aiohttp.test_utils.TestClient',
  'webob.Request.blank',
]);

export const rule = defineRule({
  id: 'in-process-client',
  code: 'NET-S05',
  category: 'network',
  title: 'Client speaks to the application in-process',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Requests are handed to the application as calls: nothing listens, and nothing leaves.',
  instead: 'This is the good way.',
  limits: 'Says how this client speaks, not what the application does behind it.',
  links: ['https://docs.djangoproject.com/en/stable/topics/testing/tools/'],
  once: 'file',
  on: 'call',
  calls: (callee, method) => method === 'test_client' || CLIENTS.has(callee),
  *check(call, file) {
    if (!CLIENTS.has(call.callee ?? '') && !(call.method === 'test_client' && call.function.type === 'attribute')) return;
    if (call.method === 'blank' && !isAnsweredHere(call, file)) return;
    if (/^(?:blank|RequestFactory|APIRequestFactory)$/.test(call.method))
      yield { at: call.place, message: `\`${call.method}\` builds a request in this process: nothing is sent` };
    else yield { at: call.place, message: `\`${call.method}\` calls the application in this process: nothing is sent` };
  },
  examples: [
    {
      name: 'clients of two frameworks',
      bad: py`
        from fastapi.testclient import TestClient

        def test_tides(app):
            client = TestClient(app)  #! calls the application in this process
            assert client.get("/tides").status_code == 200
      `,
    },
    {
      name: 'a client that goes over the network',
      good: py`
        import requests

        def test_tides(url):
            assert requests.get(url, timeout=5).status_code == 200
      `,
    },
    {
      name: 'a request of WebOb that an application answers',
      bad: py`
        from webob import Request

        def test_answer(app):
            assert Request.blank("/").get_response(app).status_int == 200  #! builds a request in this process
      `,
    },
    {
      name: 'a request of WebOb that is sent',
      good: py`
        from webob import Request

        def test_send(server):
            request = Request.blank(server)
            assert request.send().status_int == 200
      `,
    },
  ],
});

/** A request of WebOb is sent over the network too, by `send`. */
function isAnsweredHere(call: Call, file: TestFile): boolean {
  const owner = file.ownerOf(call);
  if (owner === undefined) return false;
  const methods = new Set([...walk(owner.node)].flatMap((it) => (it.type === 'call' ? it.method : [])));
  return !methods.has('send') && (methods.has('get_response') || methods.has('call_application'));
}
