import { defineRule, py } from '../rule.ts';

const ENDPOINTS = py`
  from flask import Flask

  app = Flask(__name__)

  @app.route("/reset")
  def reset():
      return "ok"
`;

export const rule = defineRule({
  id: 'endpoint-perhaps-shipped',
  code: 'API-U04',
  category: 'api',
  title: 'whether a test endpoint is shipped is not known',
  kind: 'open',
  kinds: ['open', 'informational'],
  confidence: 'medium',
  cwe: [489],
  why: 'A package that includes its tests installs their endpoints too; whoever can import the application can then mount them.',
  instead: 'Leave the tests out of the package: `[tool.setuptools.packages.find] exclude`, `MANIFEST.in`.',
  limits:
    'Speaks of modules beside the tests that hold routes; what the package includes is read of `pyproject.toml` (setuptools, Poetry, Hatch, Flit, uv), `setup.cfg` (setuptools, pbr), and a plain `find_packages(…)` or list in `setup.py`; of packages that a `setup.py` computes, that they have an `__init__.py` each. Silent where no package is built.',
  links: ['https://setuptools.pypa.io/en/latest/userguide/package_discovery.html', 'https://cwe.mitre.org/data/definitions/489.html'],
  once: 'file',
  atRest: true,
  on: 'function',
  wants: ({ node }) => node.decorators.length > 0,
  *check(subject, file) {
    if (file.kind !== 'helper' && file.kind !== 'fixtures') return;
    if (subject.class !== undefined || subject.node.parent !== undefined) return;
    const route = subject.node.decorators.find(
      (it) => it.type === 'call' && ROUTE.test(it.method) && it.function.type === 'attribute' && it.arguments[0]?.value.text.match(/^["']\//),
    );
    const ships = route === undefined ? undefined : file.project.ships(file.path);
    if (route === undefined || ships === false) return;
    yield ships === true
      ? { at: route.place, kind: 'informational', message: `the endpoint \`${subject.name}\` is installed with the package` }
      : { at: route.place, message: `whether the endpoint \`${subject.name}\` is left out of the package is not said` };
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
        'setup.py': 'from setuptools import setup\n\nsetup(name="harbour", packages=found_by_walking("harbour"))\n',
        'harbour/__init__.py': '',
        'harbour/tests/__init__.py': '',
      },
    },
    {
      name: 'no package is built',
      good: {
        'tests/endpoints.py': ENDPOINTS,
        'pyproject.toml': '[tool.ruff]\nline-length = 120\n',
        'quays/setup.py': 'from setuptools import setup\n\nsetup(name="quays")\n',
      },
    },
    {
      name: 'the package includes its tests: a note',
      bad: {
        'harbour/tests/endpoints.py': py`
          from flask import Flask

          app = Flask(__name__)

          @app.route("/reset")  #! is installed with the package
          def reset():
              return "ok"
        `,
        'setup.py': 'from setuptools import find_packages, setup\n\nsetup(name="harbour", packages=find_packages(exclude=["docs", "docs.*"]))\n',
      },
    },
    {
      name: 'packages that pbr is told of: a note',
      bad: {
        'harbour/tests/endpoints.py': py`
          from flask import Flask

          app = Flask(__name__)

          @app.route("/reset")  #! is installed with the package
          def reset():
              return "ok"
        `,
        'harbour/__init__.py': '',
        'harbour/tests/__init__.py': '',
        'setup.py': 'import setuptools\n\nsetuptools.setup(setup_requires=["pbr>=2.0.0"], pbr=True)\n',
        'setup.cfg': '[metadata]\nname = harbour\n\n[files]\npackages =\n    harbour\n',
      },
    },
    {
      name: 'what is not among the packages',
      good: {
        'tests/endpoints.py': ENDPOINTS,
        'pyproject.toml': '[tool.setuptools.packages.find]\ninclude = ["harbour*"]\n',
      },
    },
    {
      name: 'one that builders look for by the name of the project, and those in a list',
      good: {
        'tests/endpoints.py': ENDPOINTS,
        'pyproject.toml': '[tool.poetry]\nname = "harbour-tides"\n\n[build-system]\nbuild-backend = "poetry.core.masonry.api"\n',
        'quays/tests/endpoints.py': ENDPOINTS,
        'quays/setup.py': 'from setuptools import setup\n\nsetup(name="quays", packages=["quays", "quays.north"])\n',
        'buoys/tests/endpoints.py': ENDPOINTS,
        'buoys/tests/__init__.py': '',
        'buoys/setup.py': 'import setuptools\n\nsetuptools.setup(setup_requires=["pbr>=2.0.0"], pbr=True)\n',
        'buoys/setup.cfg': '[files]\npackages =\n    buoys\n',
        'ports/tests/endpoints.py': ENDPOINTS,
        'piers/tests/endpoints.py': ENDPOINTS,
        'piers/pyproject.toml': '[tool.poetry]\nname = "piers"\npackages = [{ include = "piers" }, { include = "tests", format = "sdist" }]\n',
        'docks/tests/specimens/endpoints.py': ENDPOINTS,
        'docks/setup.py': 'from setuptools import setup\n\nsetup(name="docks", packages=found_by_walking("docks"))\n',
        'cranes/tests/endpoints.py': ENDPOINTS,
        'cranes/pyproject.toml': '[project]\nname = "cranes"\n\n[tool.uv]\npackage = false\n',
        'locks/tests/endpoints.py': ENDPOINTS,
        'locks/pyproject.toml': '[project]\nname = "harbour-locks"\n\n[build-system]\nbuild-backend = "uv_build"\n',
        'weirs/tests/endpoints.py': ENDPOINTS,
        'weirs/pyproject.toml':
          '[project]\nname = "weirs"\n\n[build-system]\nbuild-backend = "uv_build"\n\n[tool.uv.build-backend]\nmodule-name = ["weirs", "weirs_core"]\nmodule-root = ""\n',
        'ports/pyproject.toml': '[tool.hatch.build.targets.wheel]\npackages = ["src/ports"]\n',
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
