/** Texts that attackers send, by their best-known forms. Source: OWASP Web Security Testing Guide 4.2. */

const ATTACKS: readonly (readonly [RegExp, string])[] = [
  [/(?:^|[\\/])\.\.(?:[\\/]\.\.)+[\\/]|%2e%2e%2f|\/etc\/(?:passwd|shadow)(?![/\w])/i, 'a path that leads out of its folder'],
  [/'\s{0,3}(?:or|and)\s{1,3}'?\d'?\s{0,3}=\s{0,3}'?\d|;\s{0,3}drop\s+table|union\s+select/i, 'an SQL injection'],
  [/<script[\s>]|javascript:[a-z]|onerror\s{0,3}=/i, 'a script in markup'],
  [/;\s{0,3}(?:rm|cat|touch|curl|wget)\s|\$\((?:id|whoami|touch|rm|cat)\b|`(?:id|whoami|touch|rm|cat)\b/, 'a shell command in a value'],
  [/\$\{jndi:|\{\{\s{0,3}7\s{0,3}\*\s{0,3}7\s{0,3}\}\}/i, 'a template injection'],
  [/%0d%0a|\r\n(?:Set-Cookie|Location|X-)[\w-]{0,30}:/i, 'a header injection'],
  [/!!python\/object/i, 'a YAML object'],
];

/** Each of them has one of these signs, or these words. */
const UNUSUAL = /[\\/%';<:=$`{!\r]|union\s/i;

/** The kind of attack that a text is; undefined for ordinary ones. */
export function attackIn(text: string): string | undefined {
  if (text.length < 4 || text.length > 2000) return undefined;
  // Several rules ask of each text, one after the other.
  if (text !== last.text) last = { text, attack: UNUSUAL.test(text) ? kindOf(text) : undefined };
  return last.attack;
}

let last: { readonly text: string; readonly attack: string | undefined } = { text: '', attack: undefined };

function kindOf(text: string): string | undefined {
  const found = ATTACKS.find(([pattern]) => pattern.test(text))?.[1];
  // A whole message as it goes over the line has headers of its own.
  return found === 'a header injection' && /^[A-Z]{3,} \S+ HTTP\/1/.test(text) ? undefined : found;
}
