import type { PlacedFinding } from '../server/review/review.ts';

/** The findings of one review that are listed, in order. */
export function listed(path: string, findings: readonly PlacedFinding[]): string[];
/** The package and version that the text of a corpus was written from, and its lines; undefined where there is none. */
export function recorded(name: string): { readonly package: string; readonly lines: readonly string[] } | undefined;
