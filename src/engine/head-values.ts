/** What the head says of tokens, row after row. */
export type HeadValues = {
  /** (rows): of the prediction of what follows the token, nats. */
  readonly entropy: Float32Array;
  /** (rows): of the token that follows, nats. */
  readonly logLikelihood: Float32Array;
  /** Likeliest next tokens that are kept: 8, or the vocabulary where that is smaller. */
  readonly kept: number;
  /** (rows, kept): the likeliest next tokens, the likeliest first. */
  readonly tokens: Int32Array;
  /** (rows, kept): their probabilities. */
  readonly probabilities: Float32Array;
};
