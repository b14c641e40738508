import { type Call, type Expression, statementOf, type TestFile } from '../model.ts';
import { credentialFromOutside, shownIn } from '../python/credential-values.ts';
import { trailOf } from '../python/outside.ts';
import { defineRule, deleteStatement, type Fix, py, replace } from '../rule.ts';

const PRINTS =
  /^(?:builtins\.print|warnings\.warn|pytest\.fail|unittest\.TestCase\(\)\.addDetail|logging\.(?:getLogger\(\)\.)?(?:debug|info|warning|warn|error|exception|critical|log)|oslo_log\.log\.getLogger\(\)\.(?:debug|info|warning|error|exception))$/;

/** Where oslo.utils is at hand the value is masked, else the statement goes, unless it is all there is in its block. */
function fixOf(call: Call, shown: Expression, file: TestFile): { readonly fix?: Fix } {
  if (file.imports('oslo_utils.strutils'))
    return { fix: { title: 'Mask it', safety: 'suggest', edits: [replace(shown, `strutils.mask_password(${shown.text})`)] } };
  const statement = statementOf(call);
  const { parent } = statement ?? {};
  const alone = parent === undefined || !('body' in parent) || !Array.isArray(parent.body) || parent.body.length < 2;
  if (statement?.type !== 'expression' || statement.expression !== call || alone) return {};
  return { fix: { title: 'Remove the statement', safety: 'suggest', edits: [deleteStatement(statement)] } };
}

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
  limits:
    'Only values that come from the environment or the network, and only under the name of a credential, not of where it is (`secret_arn`, `token_file`).',
  links: ['https://cwe.mitre.org/data/definitions/532.html'],
  on: 'call',
  calls: (callee) => PRINTS.test(callee),
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
          ...fixOf(call, it, file),
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
      fixed: py`
        import os

        def test_login(client):
            token = os.environ["HARBOUR_TOKEN"]
      `,
    },
    {
      name: 'with oslo.utils at hand',
      bad: py`
        import os
        from oslo_utils import strutils

        def test_login(log):
            password = os.environ["HARBOUR_PASSWORD"]
            print(password)  #! is written to the log
      `,
      fixed: py`
        import os
        from oslo_utils import strutils

        def test_login(log):
            password = os.environ["HARBOUR_PASSWORD"]
            print(strutils.mask_password(password))
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
            secret_arn = os.environ["HARBOUR_SECRET_ARN"]
            print(secret_arn)
      `,
    },
  ],
});
