import { argument, type Call, constantText, type Expression, type FunctionSubject, statementOf } from '../model.ts';
import { isCredentialName, isHumanPassword, isPlaceholder, looksRandom, masked } from '../python/secrets.ts';
import { isPublishedSample } from '../python/tokens.ts';
import { defineRule, type Edit, insertBefore, py } from '../rule.ts';

/** Look a variable up and take a default: keyword and position of the default. */
const LOOKUPS: ReadonlyMap<string, readonly [string | undefined, number | undefined]> = new Map([
  ['os.environ.get', ['default', 1]],
  ['os.environ.setdefault', [undefined, 1]],
  ['os.getenv', ['default', 1]],
  ['decouple.config', ['default', undefined]],
  ['environs.Env().str', ['default', 1]],
  ['environ.Env()', ['default', 1]],
  ['environ.Env().str', ['default', 1]],
  ['starlette.config.Config()', ['default', undefined]],
]);

/** In parts, so that scanners find nothing here. */
const SECRET = ['q7Rk2mZx', '9LpVw4Ty', 'Hs6Nd1Bf'].join('');

/** The name that the value is given to, where the variable's own does not say what it is. */
function targetOf(call: Call): string {
  const { parent } = call;
  if (parent?.type !== 'assignment') return parent?.type === 'call' ? (parent.arguments.find((it) => it.value === call)?.keyword ?? '') : '';
  const [target] = parent.targets;
  return target?.type === 'name' ? target.id : target?.type === 'attribute' ? target.name : '';
}

/** Without the default, and with a skip in front where the test can be skipped. */
function editsOf(call: Call, given: Expression, variable: string, owner: FunctionSubject | undefined): Edit[] {
  const drop: Edit = { do: 'remove argument', at: call.arguments.find((it) => it.value === given)?.place ?? given.place };
  const statement = statementOf(call);
  if (statement === undefined || owner?.role !== 'test' || !/^os\./.test(call.callee ?? '')) return [drop];
  const inClass = owner.class?.ancestors.some((it) => it.endsWith('TestCase')) === true;
  const skip = inClass ? `self.skipTest("${variable} is not set")` : `pytest.skip("${variable} is not set")`;
  const lines = [`if "${variable}" not in os.environ:`, `    ${skip}`];
  return [drop, insertBefore(statement, ...lines), { do: 'import', module: 'os' }, ...(inClass ? [] : [{ do: 'import', module: 'pytest' } as const])];
}

export const rule = defineRule({
  id: 'secret-as-default',
  code: 'SEC009',
  category: 'credentials',
  title: 'Real-looking secret as the default of an environment variable',
  kind: 'review',
  confidence: 'medium',
  cwe: [798],
  peers: { sonar: ['S2068'], bandit: ['B105', 'B106'], ruff: ['S105', 'S106'], gitleaks: ['generic-api-key'] },
  why: 'The variable was introduced to keep the secret out of the source, and the default keeps it in.',
  instead: 'Leave the default away, and skip the test when the variable is absent.',
  limits: 'A default that is no literal, and look-ups through a helper, are not seen.',
  links: ['https://12factor.net/config', 'https://cwe.mitre.org/data/definitions/798.html'],
  yieldsTo: ['private-key', 'cloud-access-key', 'vendor-token', 'json-web-token', 'password-in-url'],
  atRest: true,
  on: 'call',
  calls: (callee) => LOOKUPS.has(callee),
  *check(call, file) {
    const lookup = LOOKUPS.get(call.callee ?? '');
    if (lookup === undefined) return;
    const given = lookup[0] === undefined ? argument(call, undefined, lookup[1]) : argument(call, lookup[0], lookup[1]);
    if (given?.type !== 'string') return;
    const first = call.arguments[0]?.value;
    const variable = constantText(first?.value);
    if (variable === undefined || !(isCredentialName(variable) || isCredentialName(targetOf(call)))) return;
    const { content } = given;
    if (isPlaceholder(content) || isPublishedSample(content) || !(looksRandom(content) || isHumanPassword(content)) || file.expected(given)) return;
    const simple = call.callee !== 'os.environ.setdefault' && /^[A-Za-z_]\w*$/.test(variable);
    yield {
      at: given.place,
      message: `without \`${variable}\` the test uses \`${masked(content)}\`, which looks real: does it open anything?`,
      ...(simple
        ? { fix: { title: `Drop the default of \`${variable}\``, safety: 'suggest' as const, edits: editsOf(call, given, variable, file.ownerOf(call)) } }
        : {}),
    };
  },
  examples: [
    {
      name: 'in a pytest function',
      bad: py`
        import os

        def test_login(client):
            token = os.environ.get("HARBOUR_TOKEN", "${SECRET}")  #! without ${'`HARBOUR_TOKEN`'} the test uses
            client.login(token)
      `,
      fixed: py`
        import pytest
        import os

        def test_login(client):
            if "HARBOUR_TOKEN" not in os.environ:
                pytest.skip("HARBOUR_TOKEN is not set")
            token = os.environ.get("HARBOUR_TOKEN")
            client.login(token)
      `,
    },
    {
      name: 'in a test case',
      bad: py`
        import os
        import unittest

        class TestLogin(unittest.TestCase):
            def test_login(self):
                self.client.login(password=os.getenv("HARBOUR_LOGIN", default="${SECRET}"))  #! looks real
      `,
      fixed: py`
        import os
        import unittest

        class TestLogin(unittest.TestCase):
            def test_login(self):
                if "HARBOUR_LOGIN" not in os.environ:
                    self.skipTest("HARBOUR_LOGIN is not set")
                self.client.login(password=os.getenv("HARBOUR_LOGIN"))
      `,
    },
    {
      name: 'a module constant',
      bad: py`
        import os

        API_KEY = os.getenv("HARBOUR_API_KEY", "${SECRET}")  #! looks real
      `,
      fixed: py`
        import os

        API_KEY = os.getenv("HARBOUR_API_KEY")
      `,
    },
    {
      name: 'placeholders, the password of a container, no default, no credential',
      good: py`
        import os

        A = os.environ.get("HARBOUR_TOKEN", "not-a-real-token")
        B = os.environ.get("POSTGRES_PASSWORD", "postgres")
        C = os.environ.get("HARBOUR_TOKEN")
        D = os.environ.get("HARBOUR_BUILD", "${SECRET}")
      `,
    },
  ],
});
