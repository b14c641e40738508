import { isCredentialName, isHumanPassword, isPlaceholder, looksRandom } from '../python/secrets.ts';
import { liveToken } from '../python/tokens.ts';
import { defineRule, type Fix, py } from '../rule.ts';

/** A tool's comment, the rules it names, and what else is written in it. */
const FORMS: readonly { readonly tool: string; readonly pattern: RegExp; readonly bareIsAll: boolean }[] = [
  { tool: 'nosec', pattern: /^#\s*nosec\b:?((?:[,\s]+(?:B\d{3}|[a-z]+_[a-z_]+))*)(.*)/i, bareIsAll: true },
  { tool: 'noqa', pattern: /^#\s*noqa\b:?((?:[,\s]*[A-Z]+\d+)*)(.*)/i, bareIsAll: true },
  { tool: 'nosemgrep', pattern: /^#\s*nosemgrep\b:?((?:[,\s]+[\w.-]*[.-][\w.-]+)*)(.*)/i, bareIsAll: false },
  { tool: 'NOSONAR', pattern: /^#\s*NOSONAR\b(?:\([^)]*\))?()(.*)/, bareIsAll: false },
  { tool: 'pragma: allowlist secret', pattern: /^#\s*pragma:\s*allowlist secret\b()(.*)/i, bareIsAll: false },
  { tool: 'gitleaks:allow', pattern: /^#\s*gitleaks:allow\b()(.*)/, bareIsAll: false },
];
/** Rules of the peers that look for secrets. */
const ABOUT_SECRETS = /\bB10[567]\b|\bS10[567]\b|hardcoded|secret|password|credential|token/i;

const BOUND = /(?<![\w-])-{0,2}([A-Za-z_][\w-]{0,60})["']?\]?\s{0,4}(?::\s{0,4}[\w.[\]| ]{1,40})?[=:]\s{0,4}[bruf]{0,2}(["'])([^"'\\]{1,400})\2/g;
const TEXT = /(["'])([^"'\\]{8,400})\1/g;

/** What the code of the line holds, by the classifiers of the other rules. */
function holds(code: string): 'secret' | 'placeholder' | undefined {
  let placeholder = false;
  for (const [, name = '', , text = ''] of code.matchAll(BOUND)) {
    if (!isCredentialName(name)) continue;
    if (isPlaceholder(text)) placeholder = true;
    else if (looksRandom(text) || isHumanPassword(text)) return 'secret';
  }
  for (const [, , text = ''] of code.matchAll(TEXT)) if (liveToken(text) !== undefined) return 'secret';
  return placeholder ? 'placeholder' : undefined;
}

/** A quote is open where the comment would begin. */
function isInsideText(code: string): boolean {
  const plain = code.replace(/\\./g, '').replace(/"[^"]*"|'[^']*'/g, '');
  return plain.includes('"') || plain.includes("'");
}

/** The peers' ids for a literal under the name of a credential. */
function narrowed(tool: string, code: string): string {
  const asArgument = /[(,]\s{0,4}[A-Za-z_]\w{0,60}\s{0,2}=\s{0,2}[bru]{0,2}["']/.test(code) && !/^\s*[\w.[\]"']+\s*=[^=]/.test(code);
  const number = /^\s*(?:async\s+)?def\s/.test(code) ? 7 : asArgument ? 6 : 5;
  return tool === 'nosec' ? `# nosec B10${number}` : `# noqa: S10${number}`;
}

/** In parts, so that scanners find nothing here. */
const SECRET = ['q7Rk2mZx', '9LpVw4Ty', 'Hs6Nd1Bf'].join('');

export const rule = defineRule({
  id: 'silenced-without-reason',
  code: 'SEC021',
  category: 'credentials',
  title: 'Secret scanner silenced without a reason',
  kind: 'informational',
  confidence: 'high',
  cwe: [],
  peers: { ruff: ['PGH004', 'RUF100'] },
  why: 'A comment that only says "be quiet" hides the next secret on that line as well, and nobody can tell whether anybody looked.',
  instead: 'Name the rule and say why: `# nosec B105 password of a container that lives as long as the test`.',
  limits:
    'The line is judged by its text: values under the name of a credential, and tokens of known services. A bare `# nosec` counts wherever it stands, a bare `# noqa` only beside the value of a credential: elsewhere it hides matters of style. Comments that stand on a line of their own are not read. Sonar has this rule too (S7632); it is not named as a peer, since `# NOSONAR` would then silence what speaks of it.',
  links: ['https://bandit.readthedocs.io/en/latest/config.html#suppressing-individual-lines', 'https://docs.astral.sh/ruff/rules/blanket-noqa/'],
  once: 'file',
  on: 'file',
  *check(subject) {
    for (const { comment, code, place } of subject.silencers) {
      for (const { tool, pattern, bareIsAll } of FORMS) {
        const match = pattern.exec(comment);
        if (match === null || code.trim() === '' || isInsideText(code)) continue;
        const names = (match[1] ?? '').trim();
        const reason = /[A-Za-z]{3}/.test((match[2] ?? '').replace(/#.*/, ''));
        const bare = bareIsAll && names === '' && !reason;
        const what = holds(code);
        const speaksOfSecrets = names === '' || ABOUT_SECRETS.test(names);
        if (bare && (what !== undefined || tool === 'nosec')) {
          const fix: Fix = {
            title: `Narrow it to \`${narrowed(tool, code).slice(2)}\``,
            safety: 'suggest',
            edits: [{ do: 'replace', at: place, with: narrowed(tool, code) }],
          };
          yield {
            at: place,
            message: `\`# ${tool}\` names no rule: it hides everything that is found on this line, secrets included`,
            ...(what === 'placeholder' ? { fix } : {}),
          };
        } else if (!reason && speaksOfSecrets && what === 'secret')
          yield { at: place, message: `\`# ${tool}\` hides a value that looks real, and does not say why` };
        break;
      }
    }
  },
  examples: [
    {
      name: 'a value that looks real, hidden by id',
      bad: py`
        PASSWORD = "${SECRET}"  # nosec B105  #! hides a value that looks real
      `,
      alsoFinds: ['SEC007'],
    },
    {
      name: 'a comment for everything, on a placeholder',
      bad: py`
        PASSWORD = "not-a-real-password"  # nosec
        #                                 ^^^^^^^ names no rule
      `,
      fixed: py`
        PASSWORD = "not-a-real-password"  # nosec B105
      `,
    },
    {
      name: 'an argument',
      bad: py`
        def test_login(client):
            client.login(token="not-a-real-token")  # noqa
            #                                       ^^^^^^ names no rule
      `,
      fixed: py`
        def test_login(client):
            client.login(token="not-a-real-token")  # noqa: S106
      `,
    },
    {
      name: 'a reason, a placeholder by id, other rules, a text',
      good: py`
        PASSWORD = "${SECRET}"  # nosec B105 password of a container that lives as long as the test
        TOKEN = "not-a-real-token"  # noqa: S105
        import os  # noqa: F401
        HELP = "write # nosec behind it"
      `,
      alsoFinds: ['SEC007'],
    },
  ],
});
