/** How names are written, and how far apart two are. */

/** `adminPass`, `admin-pass`, `ADMIN_PASS` → `admin_pass`. */
export function snake(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])(?=[A-Z][a-z])/g, '$1_')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}

/** Edit distance, `limit` at the most. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? limit + 1;
}

/** The one name that is nearest to a wrong one, fewer than `limit` letters apart. */
export function nearest(wrong: string, names: Iterable<string>, limit = Math.floor(wrong.length / 3) + 1): string | undefined {
  let best: string | undefined;
  let least = limit;
  for (const it of new Set(names)) {
    const many = distance(wrong, it, least);
    if (many < least) {
      least = many;
      best = it;
    } else if (many === least) best = undefined;
  }
  return best;
}
