/**
 * The review as a GitLab code-quality report (a CodeClimate subset): defects, points to decide and what could not be
 * read, each with a fingerprint that survives lines above it, so that a merge request shows what is new.
 */
import type { Kind } from '../../rules/rule.ts';
import { byPath, capital } from '../review/prose.ts';
import { findingsOf, type PlacedFinding, type Review } from '../review/review.ts';
import { visible, visibleJson } from './visible.ts';

export interface GitlabOptions {
  /** The root's path in the repository, `` or ending with `/`: the site looks files up from the repository's top. */
  readonly prefix: string;
}

/** A JSON array and a line break. */
export function gitlab(reviews: readonly Review[], options: GitlabOptions): string {
  const shown: readonly Kind[] = ['fail', 'review'];
  const issues = byPath(reviews).flatMap((review) => [
    ...findingsOf(review)
      .filter((it) => it.suppressed === undefined && shown.includes(it.kind))
      .map((it) => ({
        description: `${capital(visible(it.message))} (${it.code})`,
        check_name: it.rule,
        // A finding's own is unique in its file.
        fingerprint: `${it.fingerprint}:${visible(review.path)}`,
        severity: severityOf(it),
        location: { path: options.prefix + review.path, lines: { begin: it.line, end: it.endLine } },
      })),
    ...review.blind
      .filter((it) => it.what !== 'missing-import')
      .map((it) => ({
        description: visible(`Not seen: ${it.message}`),
        check_name: 'attest/not-seen',
        fingerprint: `${it.what}:${it.line}:${visible(review.path)}`,
        severity: 'minor',
        location: { path: options.prefix + review.path, lines: { begin: Math.max(1, it.line), end: Math.max(1, it.line) } },
      })),
  ]);
  return `${visibleJson(JSON.stringify(issues, undefined, 2))}\n`;
}

function severityOf(it: PlacedFinding): 'critical' | 'major' | 'minor' {
  if (it.kind === 'review') return 'minor';
  return it.level === 'error' ? 'critical' : 'major';
}
