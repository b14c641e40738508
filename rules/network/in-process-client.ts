import { type Call, type TestFile, walk } from '../model.ts';
import { isTestClient } from '../python/api.ts';
import { defineRule, py } from '../rule.ts';

/** A client, or what builds the request that an application is called with (WebOb 1.8). */
function isClient(callee: string): boolean {
  return isTestClient(callee) || callee === 'webob.Request.blank';
}

export const rule = defineRule({
  id: 'in-process-client',
  code: 'NET-S05',
  category: 'network',
  title: 'Client speaks to the application in-process',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Requests are handed to the application as calls: nothing listens, and nothing leaves.',
  limits: 'Says how this client speaks, not what the application does behind it.',
  links: ['https://docs.djangoproject.com/en/stable/topics/testing/tools/'],
  once: 'file',
  on: 'call',
  calls: (callee, method) => method === 'test_client' || isClient(callee),
  *check(call, file) {
    if (!isClient(call.callee ?? '') && !(call.method === 'test_client' && call.function.type === 'attribute')) return;
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
