import { readFile, readsFile, tokensIn, writtenBefore } from '../python/data-files.ts';
import { isAboutSecrets, masked } from '../python/secrets.ts';
import { defineRule, py } from '../rule.ts';

const SOURCE = /\.pyi?$/i;
/** Said of one file; more of them are of one recording. */
const MOST = 3;

/** In parts, so that scanners find nothing here. */
const GITHUB = ['ghp_', 'ViBaQ4VCb3ShYPzPyUewesWfBAXNtn', '0FxRbT'].join('');
const ALTERED = ['ghp_', 'ViBaQ4VCb3ShYPzPyUewesWfBAXNtnubfk9C'].join('');
const STRIPE = ['sk_', 'live_', 'Tz5mQw8LrN2vXb7KcY4jHs9D'].join('');

export const rule = defineRule({
  id: 'secret-in-data-file',
  code: 'SEC022',
  category: 'credentials',
  title: 'Token of a known service in a file that the test reads',
  kind: 'review',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'medium',
  cwe: [540, 798],
  peers: { gitleaks: ['github-pat', 'gitlab-pat', 'slack-bot-token', 'stripe-access-token', 'gcp-api-key'] },
  why: 'Recorded replies and exported settings are where real tokens come into a repository unseen.',
  instead: 'Withdraw the token, and filter recordings before they are committed.',
  limits:
    'Reads text files of the workspace up to a million characters, where the path can be told from the source. Knows the forms that it knows in code; passwords, keys without a form and personal data in data files are not looked for.',
  links: ['https://github.com/gitleaks/gitleaks', 'https://vcrpy.readthedocs.io/en/latest/advanced.html#filter-sensitive-data-from-http-requests'],
  atRest: true,
  on: 'call',
  calls: (callee) => readsFile(callee),
  *check(call, file) {
    const read = readFile(call, file);
    if (read === undefined || SOURCE.test(read.path) || writtenBefore(read, call, file)) return;
    const found = file.dataFile(read.at);
    const [only, ...others] = typeof found === 'string' ? [] : found;
    if (only === undefined || others.length > 0) return; // which of them it is nobody knows
    const name = only.path.slice(only.path.lastIndexOf('/') + 1);
    const isNote = isAboutSecrets(file.ownerOf(call)?.name ?? '') || isAboutSecrets(only.path);
    for (const { found: token, line } of tokensIn(only).slice(0, MOST)) {
      const isSure = token.checksum === 'right';
      yield {
        at: read.at.place,
        message: `line ${line} of \`${name.slice(0, 50)}\` holds \`${masked(token.token)}\`, in the form of ${/^[AEIO8]/.test(token.vendor) ? 'an' : 'a'} ${token.vendor} token${isSure ? ', checksum included' : ''}: is it real?`,
        ...(isNote ? { kind: 'informational' } : isSure ? { kind: 'fail', confidence: 'high' } : {}),
      };
    }
  },
  examples: [
    {
      name: 'a recorded reply beside the test',
      bad: {
        'tests/test_reply.py': py`
          import json
          import os

          HERE = os.path.dirname(os.path.abspath(__file__))

          def test_reply(parse):
              with open(os.path.join(HERE, "data", "reply.json")) as stored:  #! line 2 of ${'`reply.json`'} holds ${'`ghp_…`'}, in the form of a GitHub token, checksum included
                  assert parse(json.load(stored))
        `,
        'tests/data/reply.json': `{\n  "token": "${GITHUB}"\n}\n`,
      },
    },
    {
      name: 'settings, named from the folder that the tests are run in',
      bad: {
        'tests/unit/test_pay.py': py`
          from pathlib import Path

          SETTINGS = Path("tests") / "settings.ini"

          def test_pay(shop):
              shop.configure(SETTINGS.read_text())  #! in the form of a Stripe token
        `,
        'tests/settings.ini': `[shop]\nkey = ${STRIPE}\n`,
      },
    },
    {
      name: 'files without one: a made-up token, one that was altered, and another file of that name',
      good: {
        'tests/test_reply.py': py`
          from pathlib import Path

          def test_reply(parse):
              assert parse((Path(__file__).parent / "data" / "reply.json").read_text())
        `,
        'tests/data/reply.json': `{"token": "ghp_${'0'.repeat(36)}", "old": "${ALTERED}"}`,
        'data/reply.json': `{"token": "${GITHUB}"}`,
      },
    },
  ],
});
