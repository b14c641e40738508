import type { Call, Expression, FunctionSubject } from '../model.ts';
import { argumentsKnown, constantText, statementOf } from '../model.ts';
import { isNamedAfterRefusal, SKIPPING_CALL } from '../python/failures.ts';
import { remarksOn } from '../python/remarks.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'skip-without-reason',
  code: 'ERR020',
  category: 'errors',
  title: 'a test is skipped or allowed to fail without a reason',
  kind: 'informational',
  kinds: ['informational', 'review'],
  confidence: 'high',
  cwe: [],
  peers: { sonar: ['S1607', 'S9001'] },
  why: 'Nobody can tell when the check may come back; a guard stays untested.',
  instead: 'Give the reason, with the bug it waits for.',
  limits: 'A comment behind it, or right above a call, is a reason. Which tests guard something is read off their names.',
  links: ['https://docs.pytest.org/en/stable/how-to/skipping.html'],
  on: ['function', 'call'],
  calls: skips,
  wants: (it) => it.type === 'call' || it.node.decorators.length > 0,
  *check(subject, file) {
    if (subject.type === 'call') {
      const owner = file.ownerOf(subject);
      if (owner === undefined || !skips(subject.callee ?? '') || !isSilent(subject) || isExplained(subject, owner)) return;
      yield judged(subject, owner.name, subject.method);
      return;
    }
    for (const it of subject.node.decorators) {
      const name = it.type === 'call' ? it.callee : it.refersTo;
      if (!/^(?:unittest\.skip|pytest\.mark\.(?:skip|xfail)|unittest\.expectedFailure)$/.test(name ?? '')) continue;
      if (name === 'unittest.expectedFailure' || (it.type === 'call' && !isSilent(it)) || isExplained(it, subject)) continue;
      yield judged(it, subject.name, name?.split('.').at(-1) ?? '');
    }
  },
  examples: [
    {
      name: 'a guard, and another test',
      bad: py`
        import pytest

        @pytest.mark.skip  #! the guard it names is not tested
        def test_login_denied(client):
            assert client.login("guest").status_code == 403

        @pytest.mark.xfail()  #! no reason is given
        def test_price(shop):
            assert shop.price() == 3
      `,
    },
    {
      name: 'no guard, for all that its name says of one',
      bad: py`
        import pytest

        @pytest.mark.xfail  #! no reason is given
        def test_proxy_https_auth(proxy):
            assert proxy.get("https://quay.example", auth=("user", "pass")).ok
      `,
    },
    {
      name: 'with a reason',
      good: py`
        import pytest
        import unittest

        @pytest.mark.skip(reason="bug 1718455")
        def test_login_denied(client):
            assert client.login("guest").status_code == 403

        @pytest.mark.xfail  # bug 1718455
        def test_guest(client):
            assert client.login("guest")

        class TestShop(unittest.TestCase):
            def test_price(self):
                self.skipTest("no prices on sundays")

            def test_discount(self):
                # The till of the tests gives none.
                self.skipTest("")
      `,
    },
    {
      name: 'a condition with its reason',
      good: py`
        import sys
        import pytest

        @pytest.mark.skipif(sys.platform == "win32", reason="no signals")
        def test_login_denied(client):
            assert client.login("guest").status_code == 403
      `,
    },
  ],
});

function skips(callee: string): boolean {
  return SKIPPING_CALL.test(callee) || callee === 'pytest.xfail';
}

/** No reason, or an empty one. */
function isSilent(call: Call): boolean {
  if (!argumentsKnown(call)) return false;
  const reasons = call.arguments.filter((it) => it.keyword === undefined || it.keyword === 'reason' || it.keyword === 'msg' || it.keyword === 'condition');
  return reasons.every((it) => constantText(it.value.value) === '');
}

/** Does a comment say why, behind it or right above: `@pytest.mark.xfail  # bug 1718455`? */
function isExplained(skip: Expression, owner: FunctionSubject): boolean {
  const statement = statementOf(skip);
  return /[\p{L}\p{N}]/u.test(skip.remark) || (statement !== undefined && statement !== owner.node && [...remarksOn(statement, owner)].length > 0);
}

function judged(at: Expression, test: string, how: string) {
  const guards = isNamedAfterRefusal(test);
  return {
    at: at.place,
    ...(guards ? { kind: 'review' as const } : {}),
    message: guards ? `\`${how}\` without a reason on \`${test}\`: the guard it names is not tested` : `\`${how}\` on \`${test}\`: no reason is given`,
  };
}
