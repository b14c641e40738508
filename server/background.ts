/**
 * Reviews of closed files beside the conversation: by threads, with what is kept from earlier ones. Lives as long as
 * one review of folders, so that it knows nothing old and holds nothing afterwards.
 */
import type { Background, BackgroundFile, BackgroundReview } from './host.ts';
import { createThreadPool } from './thread-pool.ts';
import type { ReviewStart } from './thread-reviewer.ts';
import { openTree, type Tree } from './tree.ts';
import { refusal } from './workspace-files.ts';

export interface BackgroundOptions {
  readonly threads: number;
  /** The built file that this runs in. */
  readonly bundle: string;
  /** Folder of kept reviews; without one nothing is kept. */
  readonly cache: string | undefined;
  readonly version: string;
  /** The real folder of a root's URI. */
  folderOf(root: string): string | undefined;
}

export function createBackground(options: BackgroundOptions): Background {
  const { bundle, cache, version, folderOf } = options;
  const pool = createThreadPool(options.threads, bundle);
  const trees = new Map<string, { readonly tree: Tree; readonly start: ReviewStart } | undefined>();
  let closed = false;

  function treeOf({ root, off, shown }: BackgroundFile) {
    if (!trees.has(root)) {
      const folder = folderOf(root);
      const start = folder === undefined ? undefined : { root: folder, off: [...off].sort(), required: [], shown: shown() };
      trees.set(root, start && { start, tree: openTree({ start, bundle, cache, version }) });
    }
    return trees.get(root);
  }

  return {
    width: pool.width,
    async review(file): Promise<BackgroundReview> {
      const own = treeOf(file);
      if (own === undefined) return 'elsewhere';
      const asked = { path: file.path, anyFile: file.anyFile, named: false };
      while (!closed) {
        const found = own.tree.find(asked);
        if (!found.isTest) return 'not a test';
        const text = own.tree.text(file.path, found.hash);
        if (text !== undefined && text.length > file.largest) return 'too large';
        const known = own.tree.known(found);
        const outcome = known === undefined ? await pool.run(own.start, { path: file.path, anyFile: file.anyFile }) : undefined;
        // Written to while it was reviewed: once more.
        if (outcome !== undefined && 'hash' in outcome && outcome.hash !== found.hash && !outcome.faulty) continue;
        const result = outcome === undefined ? known : own.tree.done(found, outcome);
        if (result?.blind !== undefined) return { text: '', review: refusal(file.path, result.blind) };
        if (text === undefined) break;
        const review = result?.review?.();
        if (!closed) return review === undefined ? 'not a test' : { text, review };
      }
      return 'unreadable';
    },
    close() {
      closed = true;
      pool.close();
      for (const it of trees.values()) it?.tree.save();
    },
  };
}
