import { TOP_LEVEL_DOMAINS } from './top-level-domains.ts';

/** Whose a host is, by its name. Sources: RFC 2606, 6761 (names), 5737, 3849, 9637, 2544, 1918, 4193, 6598, 6890, 1112 (addresses). */

export type HostKind =
  | 'reserved' // nobody can own it: documentation, loopback, testing
  | 'made up' // `fake.server`, `domain.com`: could be owned, is meant not to be
  | 'private' // a private address
  | 'alias' // one label, or none that ends a public name: a service on the same network
  | 'public'
  | 'unknown'; // not a host name: a template, a hole

const RESERVED_NAME = /(?:^|\.)(?:localhost|test|example|invalid|local|localdomain|testserver|example\.(?:com|net|org|edu))$/;
/** `localhost.harbour.cloud`: a name for this machine that a certificate can be had for. */
const OWN_NAME = /^localhost\.[a-z0-9-]+\.[a-z0-9.-]+$/;
const RESERVED_ADDRESS = /^(?:127\.|0\.|192\.0\.[02]\.|198\.51\.100\.|203\.0\.113\.|198\.1[89]\.|169\.254\.|(?:22[4-9]|2[3-9]\d)\.)/;
const RESERVED_ADDRESS_6 = /^\[?(?:::1?|2001:db8:.*|3fff:.*)\]?$/;
const PRIVATE_ADDRESS = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/;
const MADE_UP =
  /fake|dummy|mock|test|bogus|invalid|acme|evil|example|placeholder|(?:^|-)(?:foo|bar|baz|foobar|domain|host|hostname|server|site|website|company|somewhere|anywhere|(?:your|my|some)[a-z-]{0,24}|ignored?|blah|spam|eggs|nowhere|attacker|malicious)$/;

/** A part of the name says so, and only letters stand behind it. */
function isMadeUp(name: string): boolean {
  const parts = name.split('.').reverse();
  for (const part of parts.slice(1)) {
    if (MADE_UP.test(part)) return true;
    if (!/^[a-z]*$/.test(part)) return false;
  }
  return false;
}

/** Reserved names that resolve nowhere or to this machine, and addresses that answer nowhere else; `example.com` is a real server. */
const NOBODY = /(?:^|\.)(?:localhost|localhost\.localdomain|test|example|invalid)$/;
const NOBODYS_ADDRESS = /^(?:127\.|0\.|2[4-9]\d\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.)/;

/** Can no machine but this one answer under that name? */
export function isNobodys(host: string): boolean {
  const plain = host.toLowerCase().replace(/\.$/, '');
  return NOBODY.test(plain) || NOBODYS_ADDRESS.test(plain) || RESERVED_ADDRESS_6.test(plain);
}

export function hostKind(host: string): HostKind {
  const plain = host.toLowerCase().replace(/\.$/, '');
  if (plain === '' || /[{}%$<>*\s]/.test(plain)) return 'unknown';
  if (RESERVED_NAME.test(plain) || OWN_NAME.test(plain) || RESERVED_ADDRESS.test(plain) || RESERVED_ADDRESS_6.test(plain)) return 'reserved';
  if (plain.startsWith('[')) return 'private';
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(plain)) return PRIVATE_ADDRESS.test(plain) ? 'private' : 'public';
  if (!plain.includes('.')) return 'alias';
  const last = /^[a-z0-9.-]+\.([a-z]{2,24})$/.exec(plain)?.[1];
  if (last === undefined) return 'unknown';
  if (!TOP_LEVEL_DOMAINS.has(last)) return 'alias';
  return isMadeUp(plain) ? 'made up' : 'public';
}
