/** Calls that make a new value each time. Sources: docs.python.org 3.13; oslo.utils 7; cryptography 43; trustme 1.2; testtools 2.7. */
export const GENERATORS: ReadonlyMap<string, string> = new Map([
  ...['token_hex', 'token_urlsafe', 'token_bytes'].map((it): [string, string] => [`secrets.${it}`, 'a random token']),
  ...['uuid1', 'uuid4'].map((it): [string, string] => [`uuid.${it}`, 'a UUID']),
  ['oslo_utils.uuidutils.generate_uuid', 'a UUID'],
  ['unittest.TestCase().getUniqueString', 'a unique text'],
  ...['rsa', 'ec', 'dsa'].map((it): [string, string] => [`cryptography.hazmat.primitives.asymmetric.${it}.generate_private_key`, 'a key']),
  ['cryptography.hazmat.primitives.asymmetric.ed25519.Ed25519PrivateKey.generate', 'a key'],
  ['cryptography.hazmat.primitives.asymmetric.x25519.X25519PrivateKey.generate', 'a key'],
  ['cryptography.fernet.Fernet.generate_key', 'a key'],
  ['paramiko.RSAKey.generate', 'a key'],
  ['paramiko.ECDSAKey.generate', 'a key'],
  ['trustme.CA', 'a certificate authority'],
  ['tempest.lib.common.utils.data_utils.rand_password', 'a password'],
]);
