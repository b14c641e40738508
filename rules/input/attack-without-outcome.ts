import { argument, type Literal, type Node, type TestFile, walk } from '../model.ts';
import { attackIn } from '../python/attacks.ts';
import { defineRule, py } from '../rule.ts';

/** Something in the test states what must come of it. */
const STATES = /assert|raises|expect|verify|check|should|fail|ensure|refus|reject|compare|match|warns|skip|must|test_|validate|run_/i;

function statesOutcome(node: Node, file: TestFile | undefined): boolean {
  for (const it of walk(node)) {
    if (it.type === 'assert' || it.type === 'raise') return true;
    if (it.type === 'call' && (STATES.test(it.method) || STATES.test(it.callee ?? '') || argument(it, 'status') !== undefined)) return true;
    // A function of the tests that does the checking.
    if (it.type === 'call' && file !== undefined && it.callee !== undefined) {
      const called = file.definition(it.callee)?.node;
      if (called?.body.some((each) => statesOutcome(each, undefined)) === true) return true;
    }
    // What a test gives back, or hands on, is looked at by somebody else.
    if ((it.type === 'return' && it.operands.length > 0) || it.type === 'yield') return true;
  }
  return false;
}

/** Is the text given to something: an argument of a call, in the body or by a parameter? */
function isSent(literal: Literal): boolean {
  for (let it: Node | undefined = literal.node.parent; it !== undefined; it = it.parent) {
    if (it.type === 'call') return !/^(?:write\w*|print|dedent|format|join|encode|makepyfile|append|dict|list|compile)$/.test(it.method);
    if (it.type === 'assignment') return false;
  }
  return false;
}

export const rule = defineRule({
  id: 'attack-without-outcome',
  code: 'INP021',
  category: 'input',
  title: 'An attack is sent, and nothing is said about what must come of it',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [1164],
  why: 'The test looks like proof that the attack is refused, and passes when it succeeds.',
  instead: 'Expect the refusal: `with pytest.raises(…)`, `assert reply.status_code == 400`.',
  limits: 'Attacks are told by their best-known forms. A call whose name speaks of checking counts as a statement of the outcome, wherever it is defined.',
  links: ['https://owasp.org/www-project-web-security-testing-guide/'],
  once: 'file',
  on: 'literal',
  shortest: 4,
  wants: ({ owner, content }) => attackIn(content) !== undefined && owner?.role === 'test',
  *check(literal, file) {
    const { owner, node } = literal;
    if (owner?.role !== 'test') return;
    const attack = attackIn(literal.content);
    if (attack === undefined || !isSent(literal) || file.expected(node)) return;
    for (let it: Node | undefined = node.parent; it !== undefined; it = it.parent)
      if (it.type === 'call' && STATES.test(it.method) && it.method !== 'parametrize') return;
    if (owner.node.body.some((it) => statesOutcome(it, file))) return;
    yield {
      at: literal.place,
      ...(/fuzz|smoke|no_?crash|does_?not_?crash/i.test(owner.name) ? { kind: 'informational' } : {}),
      message: `${attack} is sent, and the test says nothing about what must come of it`,
    };
  },
  examples: [
    {
      name: 'nothing is asserted',
      bad: py`
        from harbour import berths

        def test_path_is_safe():
            berths.load("../../etc/passwd")  #! the test says nothing about what must come of it
      `,
    },
    {
      name: 'a table of attacks',
      bad: py`
        import pytest

        @pytest.mark.parametrize("name", ["' OR 1=1 --", "north"])  #! an SQL injection is sent
        def test_search(client, name):
            client.get("/berths", params={"name": name})
      `,
    },
    {
      name: 'refused, compared, checked by somebody else, data',
      good: py`
        import pytest
        from harbour import berths

        ATTACK = "../../etc/passwd"

        def test_path():
            with pytest.raises(berths.BadName, match="name"):
                berths.load("../../etc/passwd")

        def test_relative(clone):
            module = clone.modules()
            eq_(module["url"], "../../origin")

        def test_search(client):
            reply = client.get("/berths", params={"name": "' OR 1=1 --"})
            assert reply.status_code == 400

        def test_message(parser):
            parser.feed("GET /berths HTTP/1.1\r\nHost: localhost\r\nX-Large: 1\r\n")

        def test_status(app):
            app.get("/static/../../etc/passwd", status=404)

        def test_checked(client, check_refused):
            check_refused(client.get("/berths", params={"name": "' OR 1=1 --"}))

        def tester(text):
            if eval(text) is None:
                raise AssertionError(text)

        def test_norm():
            tester("norm('../../..')")

        def test_text(render):
            page = "<script>alert(1)</script>"
      `,
    },
  ],
});
