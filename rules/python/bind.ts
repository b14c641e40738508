/** Addresses that a server listens on. Sources: RFC 1122 section 3.2.1.3, RFC 4291 section 2.5, docs.python.org/3/library/socket.html (3.13). */

/** Can others than this machine reach a server that listens on the address? Only for what is an address for certain. */
export function isOutward(address: string): boolean {
  const plain = address.toLowerCase().replace(/^\[|\]$/g, '');
  if (plain === '' || plain === '0.0.0.0' || plain === '::' || plain === '0') return true;
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(plain)) return false;
  return !plain.startsWith('127.');
}
