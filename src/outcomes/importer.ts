import type { OutcomeRecord } from './record.ts';

export type ImportOptions = {
  /** The suite of records that name none. */
  suite?: string;
  /** The checkpoint of records that name none. */
  checkpoint?: string;
  /** Hears what the user should know of a file that is read nevertheless, once each. */
  onNotice?: (notice: string) => void;
};

/** Reads one format of results. */
export interface Importer {
  /** Its name on the command line. */
  readonly format: string;
  /** How sure it is, by content and not by name, that a file is its own: 0 (not at all) … 1. Never throws for content. */
  detect(path: string): Promise<number>;
  /**
   * The file's records, each valid, one after the other.
   *
   * @throws UserError naming place and value for the first thing that is wrong.
   */
  read(path: string, options?: ImportOptions): AsyncIterable<OutcomeRecord>;
}
