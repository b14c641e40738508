/** What every group of rows gets. */
import type { Row } from './measure.ts';
import type { Peers } from './peers.ts';

export interface Context {
  /** The repository. */
  readonly project: string;
  readonly cli: string;
  readonly server: string;
  /** Where the real suite's imports start, and its tests. */
  readonly root: string;
  readonly tests: string;
  readonly peers: Peers;
  readonly quick: boolean;
  /** A new folder that is removed at the end. */
  scratch(): string;
}

export type Group = (context: Context) => Promise<Row[]>;
