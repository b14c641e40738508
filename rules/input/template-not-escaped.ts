import { argument, type Call, constantText, type Expression, walk } from '../model.ts';
import { isWrittenHere, outsideOrigin, trailOf } from '../python/outside.ts';
import { addArgument, defineRule, py, replace } from '../rule.ts';

const ENVIRONMENTS: ReadonlySet<string> = new Set(['jinja2.Environment', 'jinja2.environment.Environment', 'jinja2.sandbox.SandboxedEnvironment']);
/** Take text that is used as it is: keyword and position. */
const RAW: ReadonlyMap<string, readonly [string | undefined, number, string]> = new Map([
  ['jinja2.Template', ['source', 0, 'runs a template']],
  ['jinja2.Environment().from_string', ['source', 0, 'runs a template']],
  ['mako.template.Template', ['text', 0, 'runs a template']],
  ['flask.render_template_string', ['source', 0, 'runs a template']],
  ['django.template.Template', ['template_string', 0, 'runs a template']],
  ['django.utils.safestring.mark_safe', ['s', 0, 'shows markup']],
  ['django.utils.safestring.SafeString', [undefined, 0, 'shows markup']],
  ['django.utils.html.mark_safe', ['s', 0, 'shows markup']],
  ['markupsafe.Markup', ['object', 0, 'shows markup']],
  ['flask.Markup', ['object', 0, 'shows markup']],
  ['jinja2.Markup', ['object', 0, 'shows markup']],
]);

/** Templates that are no HTML, by what the environment is given. */
const OTHER_TEXT = /\.(?:conf|cfg|ini|ya?ml|txt|sql|tex|sh|py|xml|md)\b|block_start_string|variable_start_string/;

/** Does the file serve pages to others? */
function isServed(call: Call): boolean {
  let outer = call.parent;
  while (outer?.parent !== undefined) outer = outer.parent;
  if (outer === undefined) return false;
  for (const it of walk(outer)) if (it.type === 'string' && it.content === '0.0.0.0') return true;
  return false;
}

function escapingOff(call: Call): Expression | 'missing' | undefined {
  if (!ENVIRONMENTS.has(call.callee ?? '') || call.arguments.some((it) => it.unpack !== undefined)) return undefined;
  const given = argument(call, 'autoescape');
  if (given === undefined) return 'missing';
  return given.value.kind === 'constant' && !given.value.value ? given : undefined;
}

export const rule = defineRule({
  id: 'template-not-escaped',
  code: 'INP014',
  category: 'input',
  title: 'Template without escaping, or whose text is computed',
  kind: 'informational',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [1336, 79],
  peers: {
    bandit: ['B701', 'B702', 'B703', 'B704', 'B308'],
    ruff: ['S701', 'S702', 'S704', 'S308'],
    semgrep: ['missing-autoescape-disabled', 'render-template-string'],
    sonar: ['S5247'],
    codeql: ['py/template-injection', 'py/jinja2/autoescape-false'],
  },
  why: 'What is put into the page is read as markup, and a template whose text comes from outside runs code.',
  instead: 'Pass `autoescape=True` (or `select_autoescape()`), and keep the text of templates in the source.',
  limits: 'Environments that are given the text of configuration files are left out, as far as they say so.',
  links: [
    'https://jinja.palletsprojects.com/en/stable/api/#autoescaping',
    'https://docs.djangoproject.com/en/stable/ref/utils/#django.utils.safestring.mark_safe',
  ],
  once: 'file',
  on: 'call',
  calls: (callee) => ENVIRONMENTS.has(callee) || RAW.has(callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || file.stubbed(callee, call) !== undefined || file.expected(call)) return;
    const off = escapingOff(call);
    if (off !== undefined) {
      if (OTHER_TEXT.test(file.ownerOf(call)?.node.text ?? call.text)) return;
      yield {
        at: call.place,
        ...(isServed(call) ? { kind: 'review' } : {}),
        message: '`Environment` does not escape what is put into its templates',
        fix: {
          title: 'Pass `autoescape=True`',
          safety: 'suggest',
          edits: [off === 'missing' ? addArgument(call, 'autoescape=True') : replace(off, 'True')],
        },
      };
      return;
    }
    const raw = RAW.get(callee);
    const text = raw === undefined ? undefined : argument(call, raw[0], raw[1]);
    if (raw === undefined || text === undefined || text.type === 'string' || constantText(text.value) !== undefined || isWrittenHere(text, file)) return;
    const outside = outsideOrigin(text, file);
    if (outside !== undefined) {
      yield {
        at: call.place,
        kind: 'review',
        message: `\`${call.method}\` ${raw[2]} that ${outside.from} gives`,
        trail: trailOf(outside.origin, outside.from),
      };
      return;
    }
    if (!file.origins(text).some((it) => it.sort === 'parameter' || it.sort === 'file') || file.parametrized(call)) return;
    if (file.ownerOf(call)?.role === 'test') return; // what a test is given is a table of its own or a fixture
    yield { at: call.place, message: `\`${call.method}\` ${raw[2]} whose text is computed: it must come from this test` };
  },
  examples: [
    {
      name: 'no escaping',
      bad: py`
        import jinja2

        def test_page(loader):
            pages = jinja2.Environment(loader=loader)  #! does not escape
            assert pages.get_template("a.html").render(name="<b>")
      `,
      fixed: py`
        import jinja2

        def test_page(loader):
            pages = jinja2.Environment(loader=loader, autoescape=True)
            assert pages.get_template("a.html").render(name="<b>")
      `,
    },
    {
      name: 'a template from outside, and a computed one',
      bad: py`
        import os
        import flask

        def page(name):
            return flask.render_template_string("<p>" + name)  #! whose text is computed

        def test_page():
            flask.render_template_string(os.environ["HARBOUR_PAGE"])  #! that the environment gives
      `,
    },
    {
      name: 'escaped, constant, a configuration file',
      good: py`
        import jinja2
        from markupsafe import Markup

        def test_page(loader):
            jinja2.Environment(loader=loader, autoescape=jinja2.select_autoescape())
            jinja2.Template("<p>{{ name }}</p>").render(name="a")
            Markup("<b>")

        def test_settings(loader):
            jinja2.Environment(loader=loader).get_template("harbour.conf")
      `,
    },
  ],
});
