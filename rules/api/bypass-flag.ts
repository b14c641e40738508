import { type Node, type TestFile, walk } from '../model.ts';
import { isShared } from '../python/api.ts';
import { givesSettings, isOn, mayGiveSettings, settingsOf } from '../python/settings.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'bypass-flag',
  code: 'API006',
  category: 'api',
  title: 'switch that bypasses a security check is on',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [489],
  why: 'A switch that exists for tests is found by attackers too, and while it is on no test sees that the check works.',
  instead: 'Give the check a test identity that it accepts, and leave it on.',
  limits: 'A switch is told by its name. That the product refuses it in production is for another test to show.',
  links: ['https://cwe.mitre.org/data/definitions/489.html'],
  yieldsTo: ['authentication-off', 'csrf-protection-off'],
  on: ['assignment', 'call'],
  calls: (_, method) => givesSettings(method),
  wants: (it) => it.type === 'call' || mayGiveSettings(it),
  *check(node, file) {
    for (const it of settingsOf(node)) {
      if (!BYPASS.test(it.key) || !isOn(it.value.value) || file.expected(it.value) || file.rejected(node)) continue;
      const shared = isShared(node, file);
      const isIdle = OF_TLS.test(it.key) && isInClear(node, file);
      const reach = isIdle ? 'where an address has a certificate: those beside it have none' : shared ? 'in every test that uses this' : 'in this test';
      yield {
        at: node.place,
        message: `\`${it.key}\` is on: the application skips the check ${reach}`,
        ...(shared && !isIdle ? {} : { kind: 'informational' }),
      };
    }
  },
  examples: [
    {
      name: 'for all tests',
      bad: py`
        import os

        os.environ["BYPASS_AUTH_TOKEN_VERIFICATION"] = "1"  #! is on
      `,
      alsoFinds: ['MCK006', 'RES020', 'MCK022', 'MCK023'],
    },
    {
      name: 'of certificates, among addresses that have none',
      bad: py`
        from oslo_config import fixture

        class Settings(fixture.Config):
            def setUp(self):
                super().setUp()
                self.conf.set_default("disable_ssl_validation", True, group="identity")  #! those beside it have none
                self.conf.set_default("uri", "http://identity.example.test/v3", group="identity")

        class Secured(fixture.Config):
            def setUp(self):
                super().setUp()
                self.conf.set_default("disable_ssl_validation", True, group="identity")  #! in every test that uses this
                self.conf.set_default("uri", "https://identity.example.test/v3", group="identity")
      `,
    },
    {
      name: 'in one test',
      bad: py`
        def test_list(monkeypatch, client):
            monkeypatch.setenv("DISABLE_SIGNATURE", "true")  #! in this test
            assert client.get("/berths").status_code == 200
      `,
    },
    {
      name: 'off, unset, other names, and a test that expects a refusal',
      good: py`
        import os

        def test_check_is_on(monkeypatch):
            monkeypatch.setenv("BYPASS_AUTH", "0")
            monkeypatch.delenv("SKIP_LOGIN", raising=False)
            monkeypatch.setenv("NO_COLOR", "1")
            monkeypatch.setenv("AUTHOR_BYPASSED", "1")

        def test_bypass_is_refused_in_production(monkeypatch, settings_of):
            monkeypatch.setenv("BYPASS_AUTH", "1")
            assert settings_of("production").bypass is False
      `,
    },
  ],
});

const WHAT = '(?:AUTH(?:N|Z|ENTICATION|ORIZATION)?|LOGIN|TOKENS?|VERIFY|VERIFICATION|PERMISSIONS?|POLICY|SSL|TLS|CSRF|SIGNATURES?|MFA|2FA)';
const HOW = '(?:BYPASS(?:ED)?|DISABLED?|SKIP(?:PED)?|NO|FAKE|MOCK|ALLOW_ALL|INSECURE)';
const BYPASS = new RegExp(`(?:^|_)(?:${HOW}_?${WHAT}|${WHAT}(?:_CHECKS?|_VERIFICATION)?_(?:BYPASS(?:ED)?|DISABLED?|SKIP(?:PED)?))(?:_|$)`, 'i');
const OF_TLS = /SSL|TLS/i;

/** Are the addresses that the function gives beside it all without TLS? */
function isInClear(node: Node, file: TestFile): boolean {
  const texts = walk(file.ownerOf(node)?.node ?? node).flatMap((it) => (it.type === 'string' && isAddress(it) ? it.content : []));
  return texts.some((it) => it.startsWith('http://')) && !texts.some((it) => it.startsWith('https://'));
}

/** By the name that it is given: `uri='http://…'`, `set_default('uri', 'http://…')`, `URL = 'http://…'`. */
function isAddress({ parent, text }: Node): boolean {
  const names =
    parent?.type === 'call'
      ? parent.arguments.flatMap((it) => (it.value.text === text ? (it.keyword ?? []) : it.keyword === undefined ? it.value.text : []))
      : parent?.type === 'assignment'
        ? parent.targets.map((it) => it.text)
        : [];
  return names.some((it) => /ur[il]|endpoint|address/i.test(it));
}
