/** How a report can be written: one line here is one more value of `--format`. */
import type { Colors } from 'picocolors/types';
import type { Rule } from '../rules/rule.ts';
import type { Review } from './review/review.ts';
import { json } from './views/json.ts';
import { markdown } from './views/markdown.ts';
import { text } from './views/text.ts';

/** What a report may know beside the reviews. */
export interface ReportContext {
  readonly version: string;
  readonly rules: readonly Rule[];
  readonly colors: Colors;
  readonly quiet: boolean;
}

/** The whole report as text that ends with a line break; equal reviews give equal text. */
type Render = (reviews: readonly Review[], context: ReportContext) => string;

export const FORMATS = {
  text: (reviews, { colors, quiet }) => text(reviews, { colors, quiet }),
  markdown: (reviews, { rules }) => markdown(reviews, { rules }),
  json: (reviews, { version }) => json(reviews, { version }),
} satisfies Record<string, Render>;

export type Format = keyof typeof FORMATS;
