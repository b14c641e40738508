import type { Call, Expression, Statement } from '../model.ts';
import { isCredentialName, saysPlaceholder } from '../python/secrets.ts';
import { defineRule, py } from '../rule.ts';

/** The text that must not appear: a literal next to a redaction, or a variable called a secret. */
function secret(it: Expression): string | undefined {
  if (it.type === 'string')
    return /passw|secret|token|cred/i.test(it.content) && saysPlaceholder(it.content) && !/\s|^\w+=/.test(it.content) && it.content.length > 5
      ? it.text
      : undefined;
  const name = it.type === 'name' ? it.id : it.type === 'attribute' ? it.name : undefined;
  return name !== undefined && isCredentialName(name) ? it.text : undefined;
}

/** `assertNotIn(needle, hay)`, `assert needle not in hay` */
function absent(it: Call | Statement): readonly (Expression | undefined)[] {
  if (it.type === 'call') return it.method === 'assertNotIn' ? it.arguments.map((each) => each.value) : [];
  const test = it.type === 'assert' ? it.operands[0] : undefined;
  return test?.type === 'comparison' && test.operators[0] === 'not in' ? test.operands : [];
}

/** The last word of what is looked through. */
function lastWord(text: string): string {
  const call = /\([^()]{0,80}\)$/.exec(text);
  return (call === null ? text : text.slice(0, call.index)).split(/\W/).at(-1) ?? '';
}

const OUTPUT = /(?:^|_|std)(?:out|err|output|str|lines?)(?:_|$)|log|text|message|repr|body|content|masked|stream|url|result|record/i;

export const rule = defineRule({
  id: 'secret-hidden',
  code: 'SEC-S08',
  category: 'credentials',
  title: 'A secret is tested to stay out of the output',
  kind: 'pass',
  confidence: 'medium',
  cwe: [],
  why: 'Only such a test keeps a password out of the logs for good.',
  limits: 'Told by the names of the secret and of what is looked through; the name of a field in `response.text`, a body or an address is left out.',
  links: ['https://cwe.mitre.org/data/definitions/532.html'],
  once: 'file',
  on: ['call', 'statement'],
  calls: (_, method) => method === 'assertNotIn',
  statements: ['assert'],
  *check(subject, file) {
    const [needle, hay] = absent(subject);
    const what = needle === undefined ? undefined : secret(needle);
    if (needle === undefined || hay === undefined || what === undefined) return;
    const where = lastWord(hay.text);
    if (!OUTPUT.test(where)) return;
    // A field that a request or an address does not have, what a page does not list, and what a recording answers, are no secrets that got out.
    if (
      (/ur[il]|body|content/i.test(where) || /(?:^|_)(?:resp(?:onse)?|reply)\.text$/.test(hay.text)) &&
      needle.type === 'string' &&
      /^[a-z]+_\w+$/.test(needle.content)
    )
      return;
    if (file.stubbed('requests', needle)?.by.includes('use_cassette') === true) return;
    yield { at: subject.place, message: `\`${what}\` must not appear in \`${hay.text.slice(0, 40)}\`` };
  },
  examples: [
    {
      name: 'both styles',
      bad: py`
        def test_log(self, caplog, password):
            assert password not in caplog.text  #! must not appear in ${'`caplog.text`'}
      `,
    },
    {
      name: 'something else is absent, a parameter of an address, an answer that was recorded',
      good: py`
        def test_log(caplog):
            assert "harbour" not in caplog.text
            assert "password" not in caplog.names

        def test_guard(client):
            download_url = client.get("/chart").headers["Location"]
            assert "validate_token" not in download_url

        def test_page(client):
            response = client.get("/charts/")
            assert "link_to_secret" not in response.text

        def test_assertion(client):
            body = client.token_request()
            assert "client_secret" not in body

        def test_networks(state, token_network_address):
            assert token_network_address not in state.registries

        def test_recorded(recorder, client):
            with recorder.use_cassette("tides"):
                reply = client.get("/tides", auth=("user", "passwd"))
                assert "passwd" not in reply.text
      `,
    },
  ],
});
