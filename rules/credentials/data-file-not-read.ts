import { readFile, readsFile, writtenBefore } from '../python/data-files.ts';
import { defineRule, py } from '../rule.ts';

const DATA = /\.(?:json|ya?ml|pem|key|p12|pfx|env|ini|cfg|toml|har|cassette|csv|xml|sql)$/i;

export const rule = defineRule({
  id: 'data-file-not-read',
  code: 'SEC-U02',
  category: 'credentials',
  title: 'Data file was not reviewed for secrets',
  kind: 'open',
  confidence: 'high',
  cwe: [],
  why: 'Recorded replies and exported settings are where real tokens and personal data come into a repository unseen.',
  instead: 'Run a secret scanner over data files as well, and keep recordings filtered.',
  limits: 'Only paths whose end is in the source. Attest reviews Python and reads no data files.',
  links: ['https://github.com/gitleaks/gitleaks', 'https://github.com/Yelp/detect-secrets'],
  once: 'file',
  on: 'call',
  calls: (callee) => readsFile(callee),
  *check(call, file) {
    const read = readFile(call, file);
    if (read === undefined || !DATA.test(read.path) || writtenBefore(read, call, file) || file.stubbed(call.callee ?? '', call) !== undefined) return;
    const name = read.path.split(/[/\\]/).at(-1) ?? '';
    yield { at: read.at.place, message: `what \`${name.slice(0, 60)}\` holds was not reviewed: a secret in it is not seen` };
  },
  examples: [
    {
      name: 'a recorded reply',
      bad: py`
        import json
        from pathlib import Path

        def test_reply(parse):
            reply = json.loads(Path("tests/data/reply.json").read_text())  #! was not reviewed
            assert parse(reply)
      `,
    },
    {
      name: 'a file that the test writes, a temporary one, source code',
      good: py`
        import json

        def test_reply(parse, tmp_path):
            with open("reply.json", "w") as stored:
                json.dump({}, stored)
            with open("reply.json") as stored:
                assert parse(stored)
            with open(tmp_path / "reply.json") as stored:
                assert parse(stored)
            with open("tests/client.py") as stored:
                assert parse(stored)
      `,
    },
  ],
});
