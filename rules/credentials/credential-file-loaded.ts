import type { Expression, TestFile } from '../model.ts';
import { readFile, readsFile, writtenBefore } from '../python/data-files.ts';
import { defineRule, py } from '../rule.ts';

const CREDENTIALS =
  /(?:^|[/\\])(?:[^/\\]{1,80}\.(?:pem|key|p12|pfx|kdbx|keystore|jks|ppk)|id_(?:rsa|dsa|ecdsa|ed25519)|[^/\\]{0,60}credentials?[^/\\]{0,40}\.json|[^/\\]{0,60}service[-_]account[^/\\]{0,40}\.json)$/i;
/** Certificates, and keys that are public by their name. */
const PUBLIC = /pub(?:lic)?[-_.]|[-_.]pub\b|cert|\bca[-_.]|chain|bundle|\bcrl\b|csr/i;

export const rule = defineRule({
  id: 'credential-file-loaded',
  code: 'SEC015',
  category: 'credentials',
  title: 'Credential file of the repository is used',
  kind: 'informational',
  confidence: 'medium',
  cwe: [540],
  peers: { gitleaks: ['private-key'] },
  why: 'A key that is committed with the tests can be used by everyone who ever gets the repository, and its content is seldom looked at.',
  instead: 'Make keys and credentials when the tests run: `trustme.CA()`, `rsa.generate_private_key`, or keep a file that says it is made up.',
  limits:
    'Told by the end of the path; of the content it is only asked whether all of it is certificates. Files that the same test writes, and those below a temporary folder, are left out.',
  links: ['https://trustme.readthedocs.io/', 'https://cwe.mitre.org/data/definitions/540.html'],
  yieldsTo: ['personal-credential-store', 'settings-file-loaded'],
  once: 'file',
  on: 'call',
  calls: (callee) => readsFile(callee),
  *check(call, file) {
    const read = readFile(call, file);
    if (read === undefined || !CREDENTIALS.test(read.path) || file.stubbed(call.callee ?? '', call) !== undefined) return;
    const name = read.path.split(/[/\\]/).at(-1) ?? '';
    if (PUBLIC.test(name) || writtenBefore(read, call, file) || holdsCertificates(read.at, file)) return;
    yield { at: read.at.place, message: `\`${name.slice(0, 60)}\` is a credential that is kept with the tests: is it used for nothing else?` };
  },
  examples: [
    {
      name: 'a key and a service account',
      bad: py`
        import os
        import ssl

        HERE = os.path.dirname(__file__)

        def test_server(server):
            with open(os.path.join(HERE, "data", "server.key")) as stored:  #! ${'`server.key`'} is a credential that is kept with the tests
                server.start(stored.read())
      `,
    },
    {
      name: 'a key that a TLS context loads',
      bad: py`
        import ssl

        def test_server(server):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain("tests/server.crt", "tests/server-key.pem")  #! ${'`server-key.pem`'}
            server.start(context)
      `,
    },
    {
      name: 'a certificate, a file that the test wrote, another file',
      good: py`
        import ssl

        def test_server(server, tmp_path):
            context = ssl.create_default_context()
            context.load_cert_chain("tests/server.crt")
            with open("server.key", "w") as stored:
                stored.write(server.make_key())
            with open("server.key") as stored:
                server.start(stored.read())
            with open(tmp_path / "other.key") as stored:
                server.start(stored.read())
            with open("tests/data/tides.json") as stored:
                server.load(stored)
      `,
    },
  ],
});

/** Is the file in the workspace, and holds nothing but certificates, which are public? */
function holdsCertificates(path: Expression, file: TestFile): boolean {
  const found = file.dataFile(path);
  return Array.isArray(found) && found.length > 0 && found.every(({ text }) => text.includes('BEGIN CERTIFICATE') && !text.includes('PRIVATE KEY'));
}
