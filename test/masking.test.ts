/**
 * A secret that is found is never shown: whatever is said of code that holds one, by any rule, in messages, trails,
 * titles of fixes and summaries. The secrets are put together here.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf } from '../server/review/review.ts';
import { newEngine, reviewFiles } from './harness.ts';

const SECRETS: Readonly<Record<string, string>> = {
  github: ['ghp_', 'ViBaQ4VCb3ShYPzPyUewesWfBAXNtnubfk9C'].join(''),
  stripe: ['sk_', 'live_', 'Tz5mQw8LrN2vXb7KcY4jHs9D'].join(''),
  slack: ['xoxb', '263594206', '2343594206', 'FGqddMF8t08v8N7Oq4i57vs1'].join('-'),
  aws: ['AKIA', 'S5M644LGV7', '4EVHL5'].join(''),
  password: ['Vq81', 'zKd', 'W3m'].join(''),
  random: ['q7Rk2mZx', '9LpVw4Ty', 'Hs6Nd1Bf'].join(''),
  jwt: ['eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9', 'eyJzdWIiOiI5MSJ9', 'q7Rk2mZx9LpVw4TyHs6Nd1BfQ8eCj3uG5aXo0rKtYbM'].join('.'),
};

/** Code that many rules quote. */
function code(secret: string): string {
  return `
import os
import subprocess
from unittest import mock
import fixtures
import requests
import testtools

PASSWORD = "${secret}"
URL = "https://loader:${secret}@db.harbour-shipping.com/x"
os.environ["API_TOKEN"] = "${secret}"

class TestLogin(testtools.TestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.EnvironmentVariable("API_TOKEN", "${secret}"))
        mock.patch("harbour.login", password="${secret}").start()
        self.addCleanup(self.client.logout, token="${secret}")

    def test_login(self):
        token = os.environ.get("API_TOKEN", "${secret}")
        requests.post("https://login.harbour-shipping.com/", json={"password": "${secret}"}, headers={"Authorization": "Bearer ${secret}"}, verify=False)
        subprocess.run("login --token ${secret}", shell=True)
        self.client.post_login({"password": "${secret}"})
        self.assertEqual("${secret}", self.client.token)
        self.assertNotIn("${secret}", self.log)
        self.login(password="${secret}", user="k.lindqvist@harbour-shipping.com")
        print(token, "${secret}")
        with self.assertRaises(Exception):
            self.client.login(token="${secret}")

def test_pytest(monkeypatch, client, api_token):
    monkeypatch.setenv("API_TOKEN", "${secret}")
    monkeypatch.setattr("harbour.TOKEN", "${secret}")
    client.session.headers["X-Auth-Token"] = "${secret}"  # nosec
    assert client.token == "${secret}", "${secret}"
`;
}

for (const [name, secret] of Object.entries(SECRETS)) {
  test(`a secret is not shown: ${name}`, async () => {
    const review = reviewFiles(await newEngine(), { 'tests/unit/test_login.py': code(secret) });
    assert.deepEqual(review.faults, []);
    const said = [
      ...findingsOf(review).flatMap((it) => [it.message, it.fix?.title ?? '', ...it.trail.map((step) => step.note)]),
      ...review.categories.map((it) => it.summary),
      review.conclusion,
    ];
    assert.ok(
      findingsOf(review).some((it) => it.category === 'credentials' && it.kind !== 'pass'),
      'it is found',
    );
    assert.deepEqual(
      said.filter((it) => it.includes(secret.slice(0, 10))),
      [],
    );
  });
}

test('a secret that a comment repeats is not shown with the comment', async () => {
  const secret = SECRETS['random'] ?? '';
  const source = `PASSWORD = "${secret}"\n\ndef test_login(client):\n    client.get("/")  # attest: ignore[network] the same as ${secret}\n`;
  const { unused } = reviewFiles(await newEngine(), { 'tests/test_login.py': source });
  assert.equal(unused.length, 1);
  assert.ok(!JSON.stringify(unused).includes(secret));
});

test('a line that ends with a carriage return alone is told of', async () => {
  const review = reviewFiles(await newEngine(), { 'tests/test_old.py': '# note\rimport os\r\ndef test_a(): pass\n' });
  assert.deepEqual(
    review.blind.map((it) => it.line),
    [1],
  );
});
