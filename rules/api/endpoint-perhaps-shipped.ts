import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'endpoint-perhaps-shipped',
  code: 'API-U04',
  category: 'api',
  title: 'whether a test endpoint is shipped is not known',
  kind: 'open',
  confidence: 'medium',
  cwe: [489],
  why: 'A package that includes its tests installs their endpoints too; whoever can import the application can then mount them.',
  instead: 'Leave the tests out of the package: `[tool.setuptools.packages.find] exclude`, `MANIFEST.in`.',
  limits: 'Speaks of modules beside the tests that hold routes; what the package includes is not read.',
  links: ['https://setuptools.pypa.io/en/latest/userguide/package_discovery.html', 'https://cwe.mitre.org/data/definitions/489.html'],
  once: 'file',
  on: 'function',
  wants: ({ node }) => node.decorators.length > 0,
  *check(subject, file) {
    if (file.kind !== 'helper' && file.kind !== 'fixtures') return;
    if (subject.class !== undefined || subject.node.parent !== undefined) return;
    const route = subject.node.decorators.find(
      (it) => it.type === 'call' && ROUTE.test(it.method) && it.function.type === 'attribute' && it.arguments[0]?.value.text.match(/^["']\//),
    );
    if (route !== undefined) yield { at: route.place, message: `whether the endpoint \`${subject.name}\` is left out of the package was not read` };
  },
  examples: [
    {
      name: 'a module of endpoints beside the tests',
      bad: {
        'harbour/tests/endpoints.py': py`
          from flask import Flask

          app = Flask(__name__)

          @app.route("/reset")  #! is left out of the package
          def reset():
              return "ok"
        `,
      },
    },
    {
      name: 'in a test module, and a function without a route',
      good: py`
        from flask import Flask

        app = Flask(__name__)

        @app.route("/reset")
        def reset():
            return "ok"

        def test_reset():
            assert app.test_client().get("/reset").status_code == 200
      `,
    },
  ],
});

const ROUTE = /^(?:route|get|post|put|patch|delete|websocket|api_route|expose)$/;
