import { credentialFromOutside, shownIn } from '../python/credential-values.ts';
import { trailOf } from '../python/outside.ts';
import { defineRule, py } from '../rule.ts';

const PRINTS =
  /^(?:builtins\.print|warnings\.warn|pytest\.fail|unittest\.TestCase\(\)\.addDetail|logging\.(?:getLogger\(\)\.)?(?:debug|info|warning|warn|error|exception|critical|log)|oslo_log\.log\.getLogger\(\)\.(?:debug|info|warning|error|exception))$/;

export const rule = defineRule({
  id: 'secret-printed',
  code: 'SEC011',
  category: 'credentials',
  title: 'Real credential written to the log of the tests',
  kind: 'review',
  confidence: 'medium',
  cwe: [532],
  peers: { codeql: ['py/clear-text-logging-sensitive-data'], semgrep: ['python-logger-credential-disclosure'] },
  why: 'Logs of test runs are kept for long and read by many.',
  instead: 'Leave the value out, or mask it.',
  limits: 'Only values that come from the environment or the network, and only under the name of a credential.',
  links: ['https://cwe.mitre.org/data/definitions/532.html'],
  on: 'call',
  *check(call, file) {
    if (call.callee === undefined || !PRINTS.test(call.callee)) return;
    for (const argument of call.arguments) {
      for (const it of shownIn(argument.value)) {
        const found = credentialFromOutside(it, file);
        if (found === undefined) continue;
        yield {
          at: it.place,
          message: `\`${found.name}\` from ${found.from} is written to the log of the test run`,
          trail: trailOf(found.origin, found.from),
        };
        return;
      }
    }
  },
  examples: [
    {
      name: 'a token from the environment',
      bad: py`
        import os

        def test_login(client):
            token = os.environ["HARBOUR_TOKEN"]
            print(f"logging in with {token}")
            #                        ^^^^^ is written to the log
      `,
    },
    {
      name: 'a literal, and something else',
      good: py`
        import os

        def test_login(client):
            token = "not-a-real-token"
            print(token)
            url = os.environ["HARBOUR_URL"]
            print(url)
      `,
    },
  ],
});
