/**
 * What tells a finding apart when its line has moved: the rule's code, the code it points at, the definition that
 * this stands in, and its number among equals. Lines above it may come and go, a formatter may wrap the call.
 *
 *     class TestA:
 *         def test_a(self):
 *             get(url, verify=False)     NET006 · `verify=False` · TestA.test_a · 0
 *             get(url, verify=False)     NET006 · `verify=False` · TestA.test_a · 1
 *
 * Only a hash leaves, since the code may be a secret.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

export interface Fingerprinted {
  /** Of the rule: it outlives the rule's name. */
  readonly code: string;
  /** What the finding points at, as it is written. */
  readonly snippet: string;
  /** `TestA.test_a`; empty at module level. */
  readonly within: string;
}

/** Of all findings of a file, in their order: 16 hexadecimal digits each. */
export function fingerprintsOf(findings: readonly Fingerprinted[]): string[] {
  const seen = new Map<string, number>();
  return findings.map(({ code, snippet, within }) => {
    const identity = JSON.stringify([code, normalised(snippet), within]);
    const ordinal = seen.get(identity) ?? 0;
    seen.set(identity, ordinal + 1);
    return bytesToHex(sha256(utf8ToBytes(`${identity}${ordinal}`))).slice(0, 16);
  });
}

/** Without what a formatter changes: white space, and the comma before a closing bracket. */
function normalised(snippet: string): string {
  return snippet
    .replace(/\\?\s+/g, ' ')
    .replace(/ ?([()[\]{},:=]) ?/g, '$1')
    .replace(/,([)\]}])/g, '$1')
    .trim();
}
