import { argument, type Call, constantText, isConstant } from '../model.ts';
import { defineRule, py } from '../rule.ts';

const RUNNERS: ReadonlySet<string> = new Set(['uvicorn.run', 'hypercorn.run', 'uvicorn.Config']);

export const rule = defineRule({
  id: 'description-served-to-network',
  code: 'API020',
  category: 'api',
  title: 'Description of the interface served to the network',
  kind: 'informational',
  confidence: 'low',
  cwe: [200],
  peers: { sonar: ['S6786'] },
  why: 'Whoever reaches the port is shown every route, with a page to call them from.',
  instead: 'Listen on `127.0.0.1`, or make the application with `openapi_url=None`.',
  limits: 'Only FastAPI applications that are made in the same file and run by uvicorn or hypercorn.',
  links: ['https://fastapi.tiangolo.com/tutorial/metadata/#docs-urls'],
  on: 'call',
  calls: (callee) => RUNNERS.has(callee),
  *check(call, file) {
    if (!RUNNERS.has(call.callee ?? '')) return;
    const host = argument(call, 'host');
    const text = constantText(host?.value);
    if (text !== '0.0.0.0' && text !== '::' && text !== '') return;
    const made = applicationOf(call);
    if (made === undefined || file.stubbed(call.callee ?? '', call) !== undefined) return;
    if (['openapi_url', 'docs_url'].some((it) => isConstant(argument(made, it)?.value, null))) return;
    yield {
      at: call.place,
      message: 'everybody who reaches this server is shown its interface under `/docs`',
      trail: [{ at: made.place, note: 'the application, with its documentation on' }],
    };
  },
  examples: [
    {
      name: 'an application with its pages, on all interfaces',
      bad: py`
        import uvicorn
        from fastapi import FastAPI

        app = FastAPI()

        def serve(port):
            uvicorn.run(app, host="0.0.0.0", port=port)  #! under ${'`/docs`'}
      `,
      alsoFinds: ['NET010', 'API004'],
    },
    {
      name: 'on this machine only, or without the pages',
      good: py`
        import uvicorn
        from fastapi import FastAPI

        app = FastAPI()
        quiet = FastAPI(openapi_url=None)

        def serve(port):
            uvicorn.run(app, host="127.0.0.1", port=port)

        def serve_quiet(port):
            uvicorn.run(quiet, host="0.0.0.0", port=port)
      `,
      alsoFinds: ['NET010', 'API004'],
    },
  ],
});

function applicationOf(call: Call): Call | undefined {
  const given = argument(call, 'app', 0);
  return given?.value.kind === 'result' && given.value.name === 'fastapi.FastAPI' ? given.value.call : undefined;
}
