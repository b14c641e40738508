import type { Call, Expression, TestFile } from '../model.ts';
import { ancestors } from '../model.ts';
import { defineRule, type Finding, py } from '../rule.ts';

/** Methods that put a route on an application. Sources: Flask 3, FastAPI 0.116, Starlette 0.47, aiohttp 3.12. */
const REGISTER: ReadonlySet<string> = new Set([
  'route',
  'websocket',
  'add_url_rule',
  'add_api_route',
  'add_route',
  'add_api_websocket_route',
  'include_router',
  'register_blueprint',
  'mount',
]);
const VERBS: ReadonlySet<string> = new Set(['get', 'post', 'put', 'patch', 'delete', 'api_route']);
const APPLICATION = /(?:^|[._])(?:app|application|api|router|blueprint|bp|server)$/;
const TEST_CODE = /(?:^|\.)_?(?:tests?|testing|conftest|fixtures?|fakes?|testutils?|test_\w+|\w+_tests?)(?:\.|$)/;

export const rule = defineRule({
  id: 'route-on-imported-application',
  code: 'API005',
  category: 'api',
  title: 'Test route put on an imported application',
  kind: 'review',
  confidence: 'medium',
  cwe: [489],
  why: 'The route stays on the one application that every test of the process shares, and is served by whatever imports this module.',
  instead: 'Make an application for the test, or put the route on a blueprint of its own.',
  limits: 'An application is told by its name (`app`, `api`, `router`, …). Routes that are added inside a function are not judged.',
  links: ['https://flask.palletsprojects.com/en/stable/patterns/appfactories/'],
  on: ['function', 'call'],
  calls: (_, method) => REGISTER.has(method),
  wants: (it) => it.type === 'call' || it.node.decorators.length > 0,
  *check(subject, file) {
    if (subject.type === 'call') {
      if (REGISTER.has(subject.method) && atModuleLevel(subject)) yield* judged(subject, file);
      return;
    }
    if (subject.class !== undefined || subject.node.parent !== undefined) return;
    for (const it of subject.node.decorators) {
      if (it.type === 'call' && (REGISTER.has(it.method) || VERBS.has(it.method))) yield* judged(it, file);
    }
  },
  examples: [
    {
      name: 'by decorator and by call',
      bad: py`
        from harbour.web import app, views

        @app.route("/boom")
        #^^^^^^^^^^^^^^^^^^ stays on ${'`harbour.web.app`'}
        def boom():
            raise RuntimeError

        app.add_url_rule("/echo", view_func=views.echo)  #! stays on
      `,
    },
    {
      name: 'an application of its own, or of the test code',
      good: py`
        from flask import Flask
        from tests.web import app as test_app

        app = Flask(__name__)

        @app.route("/boom")
        def boom():
            raise RuntimeError

        @test_app.route("/boom")
        def other():
            raise RuntimeError
      `,
    },
    {
      name: 'inside a factory, and decorators of other things',
      good: py`
        import responses
        from harbour import web

        def make():
            app = web.create()
            app.add_url_rule("/echo")
            return app

        @web.cache.get("key")
        def cached():
            return 1
      `,
    },
  ],
});

function atModuleLevel(call: Call): boolean {
  for (const it of ancestors(call)) if (it.type === 'function' || it.type === 'lambda' || it.type === 'class') return false;
  return call.parent?.type === 'expression';
}

function* judged(call: Call, file: TestFile): Iterable<Finding> {
  const name = call.function.type === 'attribute' ? importedApplication(call.function.object, file) : undefined;
  if (name !== undefined) yield { at: call.place, message: `this route stays on \`${name}\`, which product code shares with the tests` };
}

/** The application's name, when it is imported from code that is not test code. */
function importedApplication(it: Expression, file: TestFile): string | undefined {
  const name = it.refersTo;
  if (name === undefined || /[()[\]]/.test(name) || !name.includes('.') || TEST_CODE.test(name)) return undefined;
  const dot = name.lastIndexOf('.');
  return APPLICATION.test(name) && (file.imports(name) || file.imports(name.slice(0, dot))) ? name : undefined;
}
