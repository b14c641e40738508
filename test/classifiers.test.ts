/** How values are told apart by their look: whose a host is, what is a name for a secret, what is a placeholder. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HostKind, hostKind } from '../rules/python/host-names.ts';
import { identifierForm, isCredentialName, isPlaceholder, looksRandom } from '../rules/python/secrets.ts';
import { isPublishedSample, liveToken } from '../rules/python/tokens.ts';

const HOSTS: Readonly<Record<HostKind, readonly string[]>> = {
  reserved: [
    'localhost',
    'db.localhost',
    'service.test',
    'a.b.example',
    'gone.invalid',
    'example.com',
    'www.example.org',
    'EXAMPLE.NET.',
    'testserver',
    '127.0.0.1',
    '127.8.8.8',
    '::1',
    '[::1]',
    '192.0.2.7',
    '198.51.100.1',
    '203.0.113.200',
    '2001:db8::1',
    '[3fff::1]',
    '198.18.0.1',
    '198.19.255.1',
    '169.254.169.254',
    'localhost.harbour.cloud',
  ],
  'made up': ['fakeserver.io', 'www.testsite.com', 'evil.com', 'foo.com', 'mock-api.io', 'your-domain.com'],
  private: ['10.0.0.1', '192.168.1.1', '172.16.0.1', '172.31.255.1'],
  alias: ['keystone', 'placement', 'db', 'directory.corp', 'fake.server'],
  public: ['api.github.com', 'smtp.gmail.com', '8.8.8.8', '172.32.0.1', '198.20.0.1', 'pypi.org'],
  unknown: ['', '{host}', '%s', '<host>', '$HOST', 'two words'],
};

for (const [kind, hosts] of Object.entries(HOSTS)) {
  test(`hosts that are ${kind}`, () => {
    for (const it of hosts) assert.equal(hostKind(it), kind, it);
  });
}

test('names of secrets', () => {
  for (const it of [
    'password',
    'PASSWORD',
    'db_passwd',
    'userPwd',
    'passphrase',
    'client_secret',
    'auth-token',
    'apiKey',
    'API_KEY',
    'aws_access_key',
    'private_key',
    'credential',
    'connection_string',
  ])
    assert.equal(isCredentialName(it), true, it);
  for (const it of [
    'password_id',
    'token_url',
    'secret_path',
    'key_name',
    'token_type',
    'password_hash',
    'passenger',
    'tokenizer',
    'secretary',
    'compass',
    'author',
  ])
    assert.equal(isCredentialName(it), false, it);
});

test('placeholders', () => {
  for (const it of [
    'test',
    'fake-token',
    'dummy',
    'my_password',
    'changeme',
    'REDACTED',
    'secret123',
    'p@ssw0rd',
    's3cr3t',
    'admin',
    'foobar',
    'qwerty',
    'letmein',
    'hunter2',
    'abc123',
    'aaaaaaaaaaaa',
    '123456789',
    'deadbeef',
    'xxxx-xxxx',
    '***',
    '${TOKEN}',
    '{{ token }}',
    '<token>',
    '%(password)s',
    'not-a-real-password',
    'bad_password',
    'pw',
  ])
    assert.equal(isPlaceholder(it), true, it);
  for (const it of ['cXELT66FngwzTwpf', 'q8Zr2Lw0Vt5Ks1Xb', 'Tr0ub4dor&3x7']) assert.equal(isPlaceholder(it), false, it);
});

test('identifiers and random text', () => {
  assert.equal(identifierForm('155d900f-4e14-4e4c-a73d-069cbf4541e6'), 'UUID');
  assert.equal(identifierForm('d41d8cd98f00b204e9800998ecf8427e'), 'MD5 hash');
  assert.equal(identifierForm('da39a3ee5e6b4b0d3255bfef95601890afd80709'), 'SHA-1 hash');
  assert.equal(looksRandom('cXELT66FngwzTwpf'), true);
  assert.equal(looksRandom('password_of_the_admin'), false);
});

test('published samples are no live keys', () => {
  const sample = ['AKIA', 'IOSFODNN7', 'EXAMPLE'].join('');
  assert.equal(isPublishedSample(sample), true);
  assert.equal(liveToken(sample), undefined);
});
