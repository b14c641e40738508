import type { Argument, Call } from '../model.ts';
import { argument, constantText, isConstant } from '../model.ts';
import { isOutward } from '../python/bind.ts';
import { defineRule, py, replace } from '../rule.ts';

export const rule = defineRule({
  id: 'debug-server',
  code: 'API001',
  category: 'api',
  title: 'server started in debug mode',
  kind: 'review',
  kinds: ['fail', 'review'],
  confidence: 'high',
  cwe: [489],
  peers: { bandit: ['B201'], ruff: ['S201'], semgrep: ['debug-enabled', 'avoid_hardcoded_config_DEBUG'], sonar: ['S4507'], codeql: ['py/flask-debug'] },
  why: 'The debugger of a development server runs any code that whoever reaches its port sends; a test needs no debugger in the server.',
  instead: 'Start the server with `debug=False`, or call the application through its test client.',
  limits: 'A debug mode that comes from the environment or a configuration file is not seen.',
  links: ['https://werkzeug.palletsprojects.com/en/stable/debug/', 'https://cwe.mitre.org/data/definitions/489.html'],
  on: 'call',
  calls: (callee, method) =>
    RUNS.has(callee) || /^(?:DebuggedApplication|call_command|run|run_server)$/.test(method) || /\.(?:DebuggedApplication|call_command)$/.test(callee),
  *check(call, file) {
    const flag = debugFlag(call);
    // The tests of a framework itself are about that.
    if (
      flag === undefined ||
      file.definition(call.callee ?? '') !== undefined ||
      file.expected(call) ||
      [call.callee ?? '', 'werkzeug.serving.run_simple'].some((it) => file.stubbed(it, call) !== undefined)
    )
      return;
    const host = argument(call, 'host') ?? argument(call, 'hostname', call.callee === 'werkzeug.serving.run_simple' ? 0 : undefined);
    const address = constantText(host?.value);
    const outward = address !== undefined && isOutward(address);
    const at = flag === 'wrapped' || flag === 'command' ? call.place : flag.place;
    const reach = outward ? `, reachable at \`${address}\`` : '';
    const what = flag === 'command' ? '`runserver` starts' : `\`${call.function.text}\` ${flag === 'wrapped' ? 'adds' : 'starts'}`;
    const message = `${what} ${flag === 'wrapped' ? 'a debugger to the application' : 'a server in debug mode'}: whoever reaches its port can run code here${reach}`;
    const fix =
      typeof flag === 'object' && flag.value.type === 'constant'
        ? { fix: { title: `Pass \`${flag.keyword}=False\``, safety: 'suggest', edits: [replace(flag.value, 'False')] } as const }
        : {};
    yield { at, message, ...(outward ? { kind: 'fail' } : {}), ...fix };
  },
  examples: [
    {
      name: 'an application in a process of its own',
      bad: py`
        from harbour import api

        def serve(port):
            app = api.create_app()
            app.run(host="127.0.0.1", port=port, debug=True)
            #                                    ^^^^^^^^^^ starts a server in debug mode
      `,
      fixed: py`
        from harbour import api

        def serve(port):
            app = api.create_app()
            app.run(host="127.0.0.1", port=port, debug=False)
      `,
    },
    {
      name: 'reachable from elsewhere',
      bad: py`
        import flask

        app = flask.Flask(__name__)

        def serve():
            app.run(host="0.0.0.0", debug=True)  #! reachable
      `,
      alsoFinds: ['API004', 'NET010'],
    },
    {
      name: 'a server that reloads, and a debugger around the application',
      bad: py`
        import uvicorn
        from werkzeug.debug import DebuggedApplication
        from harbour import api

        def serve():
            uvicorn.run("harbour.api:app", port=0, reload=True)
            #                                      ^^^^^^^^^^^ debug mode

        def wrap():
            return DebuggedApplication(api.create_app())  #! adds a debugger
      `,
    },
    {
      name: 'debug of the application with a test client, of logging, of asyncio',
      good: py`
        import asyncio
        import flask

        class TestBerths:
            def test_list(self):
                app = flask.Flask(__name__)
                app.debug = True
                assert app.test_client().get("/").status_code == 404
                self.flags(debug=True)
                asyncio.run(main(), debug=True)
                app.run(debug=False)

        def test_run(monkeypatch):
            app = flask.Flask(__name__)
            monkeypatch.setattr("werkzeug.serving.run_simple", print)
            app.run(debug=True)
      `,
    },
  ],
});

const RUNS: ReadonlySet<string> = new Set([
  'flask.Flask().run',
  'quart.Quart().run',
  'bottle.run',
  'bottle.Bottle().run',
  'dash.Dash().run',
  'dash.Dash().run_server',
  'sanic.Sanic().run',
  'uvicorn.run',
  'flask_socketio.SocketIO().run',
  'werkzeug.serving.run_simple',
]);

/** The argument that switches debugging on, or what else does. */
function debugFlag(call: Call): Argument | 'wrapped' | 'command' | undefined {
  const callee = call.callee ?? '';
  if (callee === 'werkzeug.debug.DebuggedApplication') return 'wrapped';
  if (callee === 'django.core.management.call_command') return constantText(call.arguments[0]?.value.value) === 'runserver' ? 'command' : undefined;
  if (!RUNS.has(callee) && !isApplicationRun(call)) return undefined;
  return call.arguments.find((it) => /^(?:debug|use_debugger|reload)$/.test(it.keyword ?? '') && isConstant(it.value.value, true));
}

/** `app.run(…)` of an application whose class could not be told. */
function isApplicationRun(call: Call): boolean {
  if (call.function.type !== 'attribute' || (call.method !== 'run' && call.method !== 'run_server')) return false;
  const { object } = call.function;
  return /(?:^|[._])(?:app|application)$/.test(object.text) && object.refersTo?.startsWith('unittest.mock.') !== true;
}
