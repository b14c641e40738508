/**
 * What may stand in the configuration: one definition for checking it, for the JSON schema and for its page of
 * documentation.
 */
import type { Guarantee } from '../rules/model.ts';
import type { ConfiguredLevel } from './review/judge.ts';

export type Shape =
  | { readonly is: 'text'; readonly means: 'path' | 'glob' | 'rule' | 'reason' }
  | { readonly is: 'choice'; readonly of: readonly string[] }
  | { readonly is: 'list'; readonly of: Shape }
  | { readonly is: 'table'; readonly keys: Readonly<Record<string, Key>> }
  /** Keys are names of something: rules, categories and `*`; classes; evidence. */
  | { readonly is: 'map'; readonly names: 'rule' | 'class' | 'evidence'; readonly of: Shape }
  | { readonly is: 'either'; readonly of: readonly Shape[] };

export interface Key {
  readonly shape: Shape;
  /** One or two sentences of Markdown. */
  readonly about: string;
  readonly required?: true;
}

export const LEVELS = ['error', 'warning', 'review', 'note', 'off'] as const satisfies readonly ConfiguredLevel[];

export const THRESHOLDS = ['fail', 'review', 'open', 'never'] as const;
export type Threshold = (typeof THRESHOLDS)[number];

export const PRESET_NAMES = ['openstack', 'pytest', 'django', 'strict'] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

export const TIERS = ['unit', 'functional', 'integration', 'all'] as const;

export const GUARANTEES: Readonly<Record<Guarantee, string>> = {
  stopall: '`mock.patch.stopall` runs after each test',
  'nested-temp': 'temporary files are made in a folder that is removed',
  home: '`HOME` is a temporary folder',
  'config-reset': 'overrides of oslo.config are undone',
  autospec: '`mock.patch` is autospecced by default',
  poison: 'reaching a live service fails the test',
  rollback: 'changes of the database are rolled back',
  environment: '`os.environ` is restored',
};

const GLOBS: Shape = { is: 'list', of: { is: 'text', means: 'glob' } };
const RULES: Shape = { is: 'list', of: { is: 'text', means: 'rule' } };
const RULE_LEVELS: Shape = { is: 'map', names: 'rule', of: { is: 'choice', of: LEVELS } };

const DISABLE: Key = { shape: RULES, about: 'Rules and categories that are off: the same as the level `off` in `rules`.' };
const LEVEL_OF_RULES: Key = {
  shape: RULE_LEVELS,
  about: 'Levels by rule (full id, bare name or code), by category, or for all (`*`). The more exact name wins.',
};

const OVERRIDE: Shape = {
  is: 'table',
  keys: {
    paths: { shape: GLOBS, about: 'Files that the block is for.', required: true },
    disable: DISABLE,
    rules: LEVEL_OF_RULES,
  },
};

const PLACES: Shape = {
  is: 'either',
  of: [
    { is: 'choice', of: TIERS },
    { is: 'list', of: { is: 'text', means: 'glob' } },
  ],
};

const REQUIREMENT: Shape = {
  is: 'table',
  keys: {
    in: { shape: PLACES, about: 'The test files that must show it: a tier (`unit`, `functional`, `integration`, `all`) or globs.', required: true },
    level: { shape: { is: 'choice', of: ['fail', 'review'] }, about: 'What a file without it is: a defect (`fail`, the default) or a point to decide.' },
    per: {
      shape: { is: 'choice', of: ['file', 'test'] },
      about: '`file` (the default): it must hold for some test of the file. `test`: for each test.',
    },
    reason: { shape: { is: 'text', means: 'reason' }, about: 'Why it is required; shown with the finding.' },
  },
};

export const CONFIGURATION: Extract<Shape, { readonly is: 'table' }> = {
  is: 'table',
  keys: {
    preset: {
      shape: {
        is: 'either',
        of: [
          { is: 'choice', of: PRESET_NAMES },
          { is: 'list', of: { is: 'choice', of: PRESET_NAMES } },
        ],
      },
      about: 'Ready-made configurations to start from; a later one goes before an earlier one, and what the file says goes before both.',
    },
    include: { shape: GLOBS, about: 'Python files that are reviewed as tests although they do not look like tests.' },
    exclude: { shape: GLOBS, about: 'Files and folders that are never reviewed. They are still read when a test needs to know what they hold.' },
    disable: DISABLE,
    rules: LEVEL_OF_RULES,
    overrides: { shape: { is: 'list', of: OVERRIDE }, about: 'Other levels for some files. Of several blocks that fit, the last one goes first.' },
    guarantees: {
      shape: { is: 'map', names: 'class', of: { is: 'list', of: { is: 'choice', of: Object.keys(GUARANTEES) } } },
      about: 'What a base class promises to every test below it, for classes whose source Attest does not see.',
    },
    require: {
      shape: { is: 'map', names: 'evidence', of: { is: 'either', of: [...PLACES.of, REQUIREMENT] } },
      about: 'Evidence that tests must show: a rule that finds good practice, or a category. A file that lacks it gets a finding.',
    },
    baseline: {
      shape: { is: 'text', means: 'path' },
      about: 'File of findings that are known and no longer counted. Below the root; `attest-baseline.json` when left out.',
    },
    'fail-on': {
      shape: { is: 'choice', of: THRESHOLDS },
      about:
        'What makes the exit code 1: a defect (`fail`, the default); also a point to decide (`review`); also what could not be judged (`open`); nothing (`never`).',
    },
  },
};

/** JSON Schema of `attest.toml`, draft 7 (what TOML editors read). */
export function configurationSchema(): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Attest',
    description: 'Configuration of Attest: attest.toml, or [tool.attest] in pyproject.toml.',
    ...schemaOf(CONFIGURATION),
  };
}

/** Names of rules are checked by Attest itself, so that the schema stays the same when rules are added. */
const NAMES = {
  rule: String.raw`^(\*|[a-z]+(-[a-z0-9]+)*(/[a-z0-9-]+)?|[A-Z]{3}(\d{3}|-[A-Z]\d{2}))$`,
  evidence: String.raw`^([a-z]+(-[a-z0-9]+)*(/[a-z0-9-]+)?|[A-Z]{3}-S\d{2})$`,
};

function schemaOf(shape: Shape): object {
  switch (shape.is) {
    case 'text':
      return shape.means === 'rule' ? { type: 'string', pattern: NAMES.rule } : { type: 'string', minLength: 1 };
    case 'choice':
      return { type: 'string', enum: shape.of };
    case 'list':
      return { type: 'array', items: schemaOf(shape.of) };
    case 'either':
      return { anyOf: shape.of.map(schemaOf) };
    case 'map':
      // An unquoted `a.b.C = […]` is a table in a table, which Attest reads as the dotted name.
      if (shape.names === 'class') return { type: 'object', additionalProperties: { anyOf: [schemaOf(shape.of), { type: 'object' }] } };
      return { type: 'object', propertyNames: { pattern: NAMES[shape.names] }, additionalProperties: schemaOf(shape.of) };
    case 'table': {
      const required = Object.entries(shape.keys).flatMap(([name, it]) => (it.required === true ? [name] : []));
      return {
        type: 'object',
        properties: Object.fromEntries(Object.entries(shape.keys).map(([name, it]) => [name, { description: it.about, ...schemaOf(it.shape) }])),
        ...(required.length === 0 ? {} : { required }),
        additionalProperties: false,
      };
    }
  }
}
