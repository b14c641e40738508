/** How a report can be written: one line here is one more value of `--format`. */
import type { Colors } from 'picocolors/types';
import type { Kind, Rule } from '../rules/rule.ts';
import type { Review } from './review/review.ts';
import { github } from './views/github.ts';
import { gitlab } from './views/gitlab.ts';
import { html } from './views/html.ts';
import { json } from './views/json.ts';
import { junit } from './views/junit.ts';
import { markdown } from './views/markdown.ts';
import { type SarifKind, sarif } from './views/sarif.ts';
import { text } from './views/text.ts';

/** What a report may know beside the reviews. */
export interface ReportContext {
  readonly version: string;
  readonly rules: readonly Rule[];
  readonly colors: Colors;
  /** How a person at this folder would write a path of a review. */
  nameOf(path: string): string;
  readonly quiet: boolean;
  /** Kinds at or above the threshold. */
  readonly failing: readonly Kind[];
  readonly sarifKinds: readonly SarifKind[];
  /** The root's path in the repository, empty or ending with `/`. */
  readonly prefix: string;
  /** What configuration makes of the run as a whole, in sentences without their full stops. */
  readonly notes: readonly string[];
}

/** The whole report as text that ends with a line break; equal reviews give equal text. */
type Render = (reviews: readonly Review[], context: ReportContext) => string;

export const FORMATS = {
  text: (reviews, { colors, quiet, failing, nameOf, notes }) => text(reviews, { colors, quiet, failing, nameOf, notes }),
  markdown: (reviews, { rules, notes }) => markdown(reviews, { rules, notes }),
  json: (reviews, { version, notes }) => json(reviews, { version, notes }),
  sarif: (reviews, { version, rules, sarifKinds, notes }) => sarif(reviews, { version, rules, kinds: sarifKinds, notes }),
  html: (reviews, { version, rules, notes }) => html(reviews, { version, rules, notes }),
  junit: (reviews, { failing }) => junit(reviews, { failing }),
  github: (reviews, { prefix, notes }) => github(reviews, { prefix, notes }),
  gitlab: (reviews, { prefix }) => gitlab(reviews, { prefix }),
} satisfies Record<string, Render>;

export type Format = keyof typeof FORMATS;
