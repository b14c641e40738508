import { type Assignment, argument, type Call, constantText, type Expression, type TestFile } from '../model.ts';
import { isImportedObject } from '../python/api.ts';
import { givesSettings, isOn, mayGiveSettings, settingsOf } from '../python/settings.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'foreign-origin-allowed',
  code: 'API009',
  category: 'api',
  title: 'pages of every origin may call the application',
  kind: 'informational',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [942],
  peers: { semgrep: ['wildcard-cors'], sonar: ['S5122'], codeql: ['py/cors-misconfiguration-with-credentials'] },
  why: 'With `*` no test notices that the application answers pages it should not; together with credentials any page may act for its visitor.',
  instead: 'Allow the origins that the product allows, and test that another one is refused.',
  limits: 'Knows Starlette and FastAPI, Flask-CORS, django-cors-headers and oslo.middleware by their arguments and settings.',
  links: ['https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS', 'https://cwe.mitre.org/data/definitions/942.html'],
  on: ['call', 'assignment'],
  calls: (callee, method) => givesSettings(method) || callee.startsWith('flask_cors.'),
  keywords: (keyword) => keyword === 'allow_origins',
  wants: (it) => it.type === 'call' || mayGiveSettings(it),
  *check(subject, file) {
    if (file.expected(subject)) return;
    // The headers that it makes are what the test is about.
    const owner = file.ownerOf(subject);
    if (owner?.role === 'test' && /access-control-allow/i.test(owner.node.text)) return;
    const found = subject.type === 'call' ? (byCall(subject) ?? bySetting(subject, file)) : bySetting(subject, file);
    if (found === undefined) return;
    if (found.credentials) yield { at: subject.place, kind: 'review', message: `${found.how} lets any page act with its visitor's credentials` };
    else if (found.shared)
      yield { at: subject.place, kind: 'review', message: `${found.how} lets pages of every origin call an application that others share` };
    else yield { at: subject.place, message: `${found.how} lets pages of every origin call the application under test` };
  },
  examples: [
    {
      name: 'a middleware of FastAPI, without and with credentials',
      bad: py`
        from fastapi import FastAPI
        from starlette.middleware.cors import CORSMiddleware

        def make_app():
            app = FastAPI()
            app.add_middleware(CORSMiddleware, allow_origins=["*"])  #! of every origin call the application
            return app

        def test_cookies():
            app = FastAPI()
            app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)  #! act with its visitor's credentials
      `,
    },
    {
      name: 'Flask-CORS on an application that others share, and a setting of Django',
      bad: py`
        from django.test import TestCase, override_settings
        from flask_cors import CORS
        from harbour.web import app

        CORS(app)  #! call an application that others share

        class TestBerths(TestCase):
            @override_settings(CORS_ALLOW_ALL_ORIGINS=True)  #! of every origin
            def test_list(self):
                self.assertEqual(200, self.client.get("/berths").status_code)
      `,
    },
    {
      name: 'named origins, an expectation, and another use of the name',
      good: py`
        from fastapi import FastAPI
        from flask_cors import CORS
        from starlette.middleware.cors import CORSMiddleware

        def make_app(flask):
            app = FastAPI()
            app.add_middleware(CORSMiddleware, allow_origins=["https://harbour.example"])
            CORS(flask, origins=["https://harbour.example"])
            return app

        def test_header(client, policy):
            policy.check(allow_origins=["*"])
            assert client.get("/").headers["access-control-allow-origin"] == "*"
      `,
    },
  ],
});

interface Wildcard {
  /** What says so, for the message. */
  readonly how: string;
  readonly credentials: boolean;
  readonly shared: boolean;
}

const MIDDLEWARE = /(?:^|\.)CORSMiddleware$/;

function byCall(call: Call): Wildcard | undefined {
  const isMiddleware = MIDDLEWARE.test(call.callee ?? '') || MIDDLEWARE.test(call.arguments[0]?.value.refersTo ?? '');
  if (isMiddleware) {
    const origins = argument(call, 'allow_origins');
    if (origins === undefined || !isAny(origins)) return undefined;
    const credentials = argument(call, 'allow_credentials');
    return { how: '`allow_origins=["*"]`', credentials: credentials !== undefined && isOn(credentials.value), shared: false };
  }
  if (call.callee !== 'flask_cors.CORS' && call.callee !== 'flask_cors.cross_origin') return undefined;
  const origins = argument(call, 'origins');
  if (origins === undefined ? argument(call, 'resources') !== undefined : !isAny(origins)) return undefined;
  const credentials = argument(call, 'supports_credentials');
  const name = call.method;
  return {
    how: `\`${name}\`${origins === undefined ? ' without `origins`' : ''}`,
    credentials: credentials !== undefined && isOn(credentials.value),
    shared: name === 'CORS' && call.parent?.type === 'expression' && call.parent.parent === undefined,
  };
}

/** `"*"` or a list that holds it. */
function isAny(it: Expression): boolean {
  if (it.type === 'list' || it.type === 'tuple' || it.type === 'set') return it.items.some(isAny);
  return constantText(it.value) === '*';
}

function bySetting(subject: Call | Assignment, file: TestFile): Wildcard | undefined {
  for (const it of settingsOf(subject)) {
    const all = /^CORS_(?:ALLOW_ALL_ORIGINS|ORIGIN_ALLOW_ALL)$/.test(it.key) && isOn(it.value.value);
    if (!all && !(/^(?:CORS_(?:ORIGINS|ALLOWED_ORIGINS|ORIGIN_WHITELIST)|allowed_origin)$/.test(it.key) && isAny(it.value))) continue;
    return { how: `\`${it.key}\``, credentials: false, shared: it.object !== undefined && isImportedObject(it.object, file) };
  }
  return undefined;
}
