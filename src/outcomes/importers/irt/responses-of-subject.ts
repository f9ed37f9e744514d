/** What one subject answered; the same subject may come again with other items. */
export type Responses = {
  readonly subject: string;
  /** Item and response; null where it gave none. */
  readonly responses: Iterable<readonly [item: string, response: number | null]>;
};
