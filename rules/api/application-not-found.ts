import type { Call, Expression, TestFile } from '../model.ts';
import { inProcess, makesInProcess } from '../python/api.ts';
import { STANDARD_LIBRARY } from '../python/names.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'application-not-found',
  code: 'API-U01',
  category: 'api',
  title: 'application under test was not found',
  kind: 'open',
  confidence: 'high',
  cwe: [306],
  why: 'Which checks stand before its routes, and whether the test has them too, is written where the application is made.',
  instead: 'Open the folder that holds the application, or give it with `--root`.',
  limits:
    'Speaks of applications that are given to a test client of the file by a name that it imports, and not of those that a framework makes of its settings, as Django does, or of the routes that the test gives to its class.',
  links: ['https://cwe.mitre.org/data/definitions/306.html'],
  once: 'file',
  on: 'call',
  calls: (callee, method) => makesInProcess(callee, method),
  *check(call, file) {
    if (inProcess(call) === undefined) return;
    const app = applicationOf(call);
    const name = app === undefined ? undefined : notFound(app, file);
    if (app !== undefined && name !== undefined)
      yield { at: app.place, message: `what stands before the routes of \`${name}\` is not known: it was not found` };
  },
  examples: [
    {
      name: 'an application and a factory of a package that is not there',
      bad: py`
        from fastapi.testclient import TestClient
        from harbour.main import app

        def test_list():
            client = TestClient(app)
            #                   ^^^ what stands before the routes of
            assert client.get("/berths").status_code == 200
      `,
    },
    {
      name: 'made by a factory',
      bad: py`
        import pytest
        from harbour import create_app

        @pytest.fixture
        def client():
            app = create_app()
            return app.test_client()  #! what stands before the routes of
      `,
    },
    {
      name: 'an application of the workspace, and one of the test',
      good: {
        'tests/unit/test_berths.py': py`
          from typing import cast
          from fastapi import FastAPI
          from fastapi.testclient import TestClient
          from django.core.asgi import get_asgi_application
          import webapp2
          from harbour.main import app
          from quays.main import app as quays

          def test_routes():
              TestClient(webapp2.WSGIApplication([("/", object)]))
              TestClient(quays)

          def test_settings():
              assert TestClient(get_asgi_application()).get("/").status_code == 404

          def test_list():
              client = TestClient(app)
              assert client.get("/berths").status_code == 200

          def test_own(load):
              own = FastAPI()
              assert TestClient(own).get("/").status_code == 404
              loaded = cast(FastAPI, load("harbour.main"))
              assert TestClient(loaded).get("/").status_code == 404
        `,
        'pyproject.toml': '[tool.uv.workspace]\nmembers = ["packages/quays"]\n',
        'packages/quays/quays/main.py': 'app = make()\n',
        'harbour/main.py': py`
          from fastapi import FastAPI

          app = FastAPI()
        `,
      },
    },
  ],
});

/** What the client speaks to: the first argument, or the object whose `test_client` is called. */
function applicationOf(call: Call): Expression | undefined {
  if (call.method === 'test_client') return call.function.type === 'attribute' ? call.function.object : undefined;
  if (/^django\.|^rest_framework\./.test(call.callee ?? '')) return undefined;
  return call.arguments.find((it) => it.keyword === undefined || it.keyword === 'app')?.value;
}

/** The name that the file imports the application or its factory by, when nothing of it can be read. */
function notFound(app: Expression, file: TestFile): string | undefined {
  const name = app.value.kind === 'result' ? app.value.name : app.refersTo;
  if (name === undefined || FRAMEWORK.test(name) || STANDARD_LIBRARY.has(name.split('.', 1)[0] ?? name)) return undefined;
  const plain = name.split('()', 1)[0] ?? name;
  // A class of a framework that is given its routes here.
  if (app.value.kind === 'result' && /\.[A-Z]\w*$/.test(plain) && app.value.call.arguments.length > 0) return undefined;
  const module = plain.slice(0, Math.max(0, plain.lastIndexOf('.')));
  if (!file.imports(plain) && !file.imports(module)) return undefined;
  return file.definition(plain) === undefined && file.exists(plain) === 'unknown' ? plain : undefined;
}

const FRAMEWORK =
  /^(?:flask|django|fastapi|starlette|quart|falcon|webob|webtest|pecan|connexion|litestar|aiohttp|werkzeug|pytest|builtins|paste|pyramid|bottle|sanic|tornado)\b/;
